"""The curves of a training: what stands before there are any, and what they must beat."""

import pytest

from explorer import runs
from explorer.runs import Spec
from pages.ui.kit import messages, preload
from pages.ui.runs import curves, reference_lines


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
