"""The sentence below a page's question has at most 25 words, whatever is on the screen."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorer import data, runs
from explorer.evaluation.projections import PROJECTIONS
from explorer.methods import METHODS
from explorer.runs import Spec, Status
from pages.ui.runs import curve_sentences, curves, score_sentences
from pages.ui.sections import data as data_section
from pages.ui.sections import embeddings as embeddings_section
from pages.ui.sections import home_unfolding, latents, latents_paths, new, train_form, transfer, views

MOST = 25
SETS = ("digits", "shapes", "garments")


def short(text):
    """Whether a lead sentence is one."""
    words = text.replace("**", "").split()
    assert 0 < len(words) <= MOST, f"{len(words)} words: {text}"
    return True


def known(dataset):
    """The methods that can learn from a data set."""
    return [it for it in METHODS.values() if not it.info.needs.unmet(train_form.spec(dataset))]


@pytest.mark.parametrize("name", SETS)
def test_of_a_data_set(name):
    dataset = data.load(name)
    card = data.card(name)
    assert short(data_section.summary(card, dataset))
    few = {split: np.arange(1, 1 + len(counts)) for split, counts in card["counts"].items()}
    assert short(data_section.summary({**card, "counts": few}, dataset))


@pytest.mark.parametrize("name", SETS)
def test_of_a_method_and_of_a_new_training(name):
    dataset = data.load(name)
    for method in known(dataset):
        assert short(f"**{method.info.title}** ({method.info.family}). {method.info.summary}")
        assert short(new.summary(method, dataset))


@pytest.mark.parametrize("name", SETS[:2])
def test_of_views(name):
    dataset, drawn = data.load(name), {"view": np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 2, 2)}
    for method in known(dataset):
        own = method.Config().model_dump()
        for previews in ({}, drawn, {"view": drawn["view"][:1]}):
            assert short(views.summary(method, own, previews, dataset))
        for change in ({"jitter": 0}, {"crop": 1}, {"crop": 0.06}, {"flip": 0.5}):
            if change.keys() <= own.keys():
                assert short(views.summary(method, own | change, drawn, dataset))


def test_of_maps():
    y = np.arange(1000) % 10
    near = np.stack([np.flatnonzero(y == label)[:10] for label in y])
    one = embeddings_section.Map(np.zeros((1000, 2)), np.arange(1000), y, near, 0.5, 0.9)
    for maps, pending in (({}, 0), ({}, 6), ({"pca": one}, 0), (dict.fromkeys(PROJECTIONS, one), 0), ({"pca": one}, 5)):
        assert short(embeddings_section.summary(maps, pending))


SCORES = [
    {},
    {"frozen": 0.5},
    {"frozen": 0.1, "finetune": 0.1, "scratch": 0.1},
    {"frozen": 0.9, "finetune": 0.5, "scratch": 0.6},
    {"frozen": 0.91, "finetune": 0.92, "scratch": 0.6},
    {"frozen": 0.91, "finetune": 0.915, "scratch": 0.92},
    {"frozen": 0.91, "finetune": 0.92, "scratch": 0.914},
    {"frozen": 0.905, "finetune": 0.911, "scratch": 0.917},
]


@pytest.mark.parametrize("found", SCORES)
@pytest.mark.parametrize("state", ["running", "failed", "stopped", "done"])
def test_of_a_transfer(found, state):
    params = {"labels_per_class": 10}
    run = runs.create(Spec(kind="transfer", title="t", dataset="digits", models=("pca",), params=params))
    scores = {arm: {"test_accuracy": p} for arm, p in found.items()} | {"n_test": 10_000}
    words = transfer.summary(run, Status(state=state), scores if found else {})
    assert short(words)
    if state == "done" and found:
        assert [arm for arm in found if transfer.ARMS[arm][0].lower() not in words] == [], "every variant is named"


def test_of_latent_codes(monkeypatch):
    for floor in (0.01, 0.05, 0.2):
        assert short(latents._against_pca(np.full(9, 0.05), floor, 128, 1000))
    for code, blend in ((1.0, 2.0), (2.0, 1.0), (1.0, 1.0)):
        stray = {"pixels": {"latent interpolation": np.full(9, code), "pixel blend": np.full(9, blend)}}
        for how in latents_paths.PATHS:
            assert short(latents_paths.summary({"stray": stray, "how": how, "reach": 0.9}))
    nowhere = latents_paths.summary({"stray": stray, "how": "decoded", "reach": 0.01})
    assert short(nowhere)
    assert "goes nowhere" in nowhere


def test_of_the_first_page():
    assert short(home_unfolding.lead(home_unfolding.chosen()))


@pytest.mark.parametrize("run", [run for run in runs.listing("train") if run.shipped], ids=lambda run: run.id)
def test_of_a_training_that_comes_with_unfold(run):
    assert short(curve_sentences.summary(run.status, run.metrics(), run.scores(), {}, score_sentences.chance(run)))


COLLAPSED, OVERFITTING = "The projection has collapsed", "Overfitting since step 1,000"


@pytest.mark.parametrize("turned", ["", COLLAPSED, OVERFITTING])
@pytest.mark.parametrize(("knn", "linear"), [(0.5, 0.5), (0.51, 0.5), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)])
def test_of_any_training_that_is_done(knn, linear, turned, monkeypatch):
    references = {"Raw pixels": {"knn": 0.5, "linear": 0.5}, "Untrained": {"knn": 0.4, "linear": 0.4}}
    scores = {"knn": knn, "linear": linear, "n_test": 1000, "chance": 0.1, "references": references}
    verdict = SimpleNamespace(word="collapsed" * (turned == COLLAPSED), of="projection")
    monkeypatch.setattr(curves, "verdict", lambda rows: verdict)
    losses = [3, 2, 1, 2, 3] if turned == OVERFITTING else [3, 2, 1]
    rows = [{"step": 500 * step, "val_loss": float(loss), "loss": 1.0} for step, loss in enumerate(losses)]
    words = curve_sentences.summary(Status(state="done", step=9), rows, scores)
    assert short(words) and turned in words
