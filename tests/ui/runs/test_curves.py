"""The curves of a training: what stands before there are any, and what they must beat."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from explorer import runs
from explorer.runs import Spec, Status
from pages.ui.kit import messages, preload
from pages.ui.runs import curve_sentences, curves, reference_lines, score_sentences


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({}, "Waiting for a free worker"),
        ({"state": "interrupted"}, "Waiting for a free worker"),
        ({"state": "running"}, "Loading data"),
        ({"state": "running", "message": "starting 2 processes"}, "Starting 2 processes"),
        ({"state": "running", "steps": 9, "message": "training"}, "The first steps are under way"),
        ({"state": "stopped"}, "It ended before its first steps"),
    ],
)
def test_what_is_waited_for_is_said_in_the_place_of_a_curve(status, words):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    run.update(**status)
    assert curves.waiting(run) == words


@pytest.mark.parametrize(("share", "n", "text"), [(0.6462, 359, "65%"), (0.6462, 10_000, "64.6%"), (0.5, None, "50%")])
def test_a_share_has_as_many_digits_as_so_few_images_can_tell_apart(share, n, text):
    assert messages.percent(share, n) == text


def test_what_the_curve_must_beat_is_measured_once_and_not_waited_for(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits"))
    monkeypatch.setattr(reference_lines, "_known", {})
    monkeypatch.setattr(preload, "done", lambda: True)
    rows = [{"step": 0, "knn": 0.5}]
    assert curves.references(run, rows).keys() >= {"untrained"}
    assert reference_lines.knn(run.spec, patience=60).keys() == {"pixels", "PCA"}
    monkeypatch.setattr(reference_lines, "_measured", None)
    assert curves.references(run, rows).keys() == {"untrained", "pixels", "PCA"}


def scored(knn: float, linear: float, n: int = 1000, **more: float) -> str:
    """The lead sentence of a run with these scores; raw pixels have 50 % in both."""
    references = {"Raw pixels": {"knn": 0.5, "linear": 0.5}, "Untrained": {"knn": 0.4, "linear": 0.4}}
    scores = {"knn": knn, "linear": linear, "n_test": n, "references": references, **more}
    return curve_sentences.summary(Status(state="done", step=9), [], scores)


@pytest.mark.parametrize("name", ["knn_chance", "chance"])
def test_the_lead_of_a_run_names_chance_where_it_was_measured(name):
    """Scores from before the number had its present name are read, too."""
    assert "60%** on 1,000 test images (chance 12%): above raw pixels (50%)" in scored(0.6, 0.6, **{name: 0.125})
    assert "chance" not in scored(0.6, 0.6)


@pytest.mark.parametrize("name", ["digits-simclr", "digits-autoencoder"])
def test_of_a_model_that_comes_with_unfold_chance_is_that_of_balanced_classes(name):
    run = runs.get(name)
    assert score_sentences.chance(run) == 0.1
    assert "(chance 10%)" in curve_sentences.summary(run.status, [], run.scores(), chance=score_sentences.chance(run))


def scores_table(knn: float, linear: float) -> None:
    from types import SimpleNamespace

    from pages.ui.runs import scores

    references = {"Raw pixels": {"knn": 0.5, "linear": 0.5}, "Untrained": {"knn": 0.4, "linear": 0.4}}
    measured = {"knn": knn, "linear": linear, "n_test": 1000, "n_train": 1000, "references": references}
    scores.table(SimpleNamespace(title="a", scores=lambda: measured))


@pytest.mark.parametrize(
    ("knn", "linear", "says"),
    [(0.4, 0.6, "above"), (0.6, 0.4, "below"), (0.6, 0.6, ""), (0.4, 0.4, ""), (0.51, 0.4, ""), (0.4, 0.51, "")],
)
def test_two_probes_that_disagree_about_raw_pixels_are_said_to_below_the_scores(knn, linear, says):
    at = AppTest.from_function(scores_table, args=(knn, linear)).run(timeout=60)
    assert not at.exception
    words = " ".join(re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", it.value) for it in at.caption)  # without their links
    assert words.count("The linear probe is") == bool(says)
    assert not says or f"The linear probe is {says} raw pixels: it asks whether a hyperplane separates" in words
    assert "linear probe" not in scored(knn, linear)


def test_what_waits_in_the_queue_is_not_said_of_a_single_run():
    assert "queue" not in curve_sentences.summary(Status(state="running", step=1), [], None)
