"""What the page of a new training says before it starts."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import data, runs
from explorer.runs import Spec
from pages.ui.sections import new as new_section

LEVELS = {name: {"knn": level} for name, level in zip(new_section.BASELINES, (0.25, 0.5, 0.75), strict=True)}


@pytest.fixture(autouse=True)
def hashes(monkeypatch):
    """By run, which data its weights were trained on; and no run but a test's own."""
    known = {}
    listing = runs.listing
    monkeypatch.setattr(runs, "listing", lambda kind=None, **_: [run for run in listing(kind) if not run.shipped])
    default = data.load("digits").hash
    monkeypatch.setattr(new_section, "training_data_hash", lambda run: known.get(run.id, default))
    return known


def trained(state="done", references=LEVELS, encoder="conv", method="simclr", **train):
    spec = Spec(kind="train", title="Foreign model", method=method, dataset="digits")
    run = runs.create(spec.model_copy(update={"train": {"encoder": encoder, **train}}))
    run.write_scores({"knn": 0.9, "n_test": 359, "references": references})
    run.update(state=state)
    return run


def baselines_page() -> None:
    from explorer import data
    from pages.ui.sections import new

    new.baselines(data.load("digits"), "mlp")


def shown():
    at = AppTest.from_function(baselines_page).run(timeout=60)
    assert not at.exception
    return {it.label: it.value for it in at.metric}, " ".join(it.value for it in (*at.caption, *at.markdown))


def test_the_baselines_say_their_data_encoder_and_n_and_no_models_name():
    trained()
    levels, words = shown()
    assert levels == {"Untrained": "25%", "Raw pixels": "50%", "PCA of the pixels": "75%"}
    assert "conv" in words and "359 test images" in words and "Foreign model" not in words


def test_an_untrained_network_is_of_the_chosen_encoder_where_it_was_measured():
    trained(encoder="mlp", references=LEVELS | {"Untrained": {"knn": 1.0}})
    trained(encoder="conv")
    levels, words = shown()
    assert levels["Untrained"] == "100%" and "mlp" in words


@pytest.mark.parametrize(
    "what",
    [
        {"state": "running"},
        {"state": "stopped"},
        {"references": {"Untrained": {"knn": 0.25}}},
        {"classes": ["0", "1"]},
        {"method": "kmeans"},
    ],
)
def test_a_run_without_all_baselines_of_these_images_is_not_asked(what):
    trained(**what)
    levels, words = shown()
    assert not levels and "the first training measures them" in words


def test_baselines_on_data_that_have_changed_since_are_not_shown(hashes):
    hashes[trained().id] = "another"
    assert not shown()[0]
