"""Where a transfer goes wrong: of the images that were tested alone, and with the cell that the visitor has opened."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import data, runs
from explorer.tasks import request, transfer_outcomes
from pages.ui.sections import transfer_mistakes


def scored(target):
    per_class = {"class": list(target.classes), "n": np.bincount(target.splits["test"].y).tolist()}
    return {
        "n_test": len(target.splits["test"].y),
        "per_class": per_class,
        "tested_on": transfer_outcomes.identity(target),
    }


def ended(target):
    return [{"n_test": len(target.splits["test"].y), "classes_named": len(target.classes)}]


def relabelled(target):
    test = target.splits["test"]
    return replace(target, splits=target.splits | {"test": test._replace(y=np.zeros_like(test.y))})


@pytest.mark.parametrize("change", [
    lambda it: replace(it, hash="0"),
    lambda it: replace(it, source="0", shape=(1, 64, 64), hash="0"),
    lambda it: replace(it, classes=tuple(reversed(it.classes))),
])  # fmt: skip
def test_another_data_set_of_the_same_number_of_images_is_known_by_what_the_scores_keep(change):
    digits = data.load("digits")
    named, scores = ended(digits), scored(digits)
    assert not transfer_outcomes.has_changed(scores, named, digits)
    assert not transfer_outcomes.has_changed(scores, named, replace(digits, shape=(1, 64, 64), hash="0")), "resized"
    assert transfer_outcomes.has_changed(scores, named, change(digits))


def test_of_an_earlier_version_the_classes_and_their_images_are_compared():
    digits = data.load("digits")
    named, scores = ended(digits), scored(digits)
    del scores["tested_on"]
    assert not transfer_outcomes.has_changed(scores, named, digits)
    assert transfer_outcomes.has_changed(scores, named, replace(digits, classes=tuple(reversed(digits.classes))))
    assert transfer_outcomes.has_changed(scores, named, replace(digits, classes=digits.classes[:5]))
    assert transfer_outcomes.has_changed(scores, named, relabelled(digits))
    assert not transfer_outcomes.has_changed({}, named, digits), "the first version: its images are counted"
    assert transfer_outcomes.has_changed({}, [{"n_test": 9, "classes_named": 10}], digits)


def test_a_class_that_the_data_no_longer_have_is_said_and_no_error(monkeypatch):
    digits, said = data.load("digits"), []
    truth = digits.splits["test"].y
    fewer = replace(relabelled(digits), classes=digits.classes[:5])
    run = runs.create(request.request("transfer", "digits-simclr", "digits", arms=("frozen",), epochs=1))
    run.write_frame(1, predicted=np.full(len(truth), 9), confidence=np.ones(len(truth)), facts='{"arm": "frozen", '
                    '"labels": "10", "seed": 0}')  # fmt: skip
    run.write_scores({"n_test": len(truth)})
    monkeypatch.setattr(transfer_mistakes.messages, "caption", said.append)
    transfer_mistakes.show(run, fewer)
    assert len(said) == 1 and "has changed since" in said[0]


def test_an_opened_cell_is_the_same_classes_among_others_that_are_shown(monkeypatch):
    run = runs.create(request.request("transfer", "digits-simclr", "digits"))
    state = {}
    monkeypatch.setattr(transfer_mistakes.st, "session_state", state)
    transfer_mistakes._opener(run, np.array([2, 5, 7]))(1, 2)
    counts = np.array([[9, 4, 0], [0, 9, 0], [0, 0, 9]])
    assert transfer_mistakes._cell(run, np.array([2, 5, 7]), counts) == (1, 2)
    assert transfer_mistakes._cell(run, np.array([5, 6, 7]), counts) == (0, 2), "5 taken for 7, wherever they stand"
    assert transfer_mistakes._cell(run, np.array([1, 2, 3]), counts) == (0, 1), "not shown: the most frequent mistake"


def test_the_matrix_of_some_classes_is_given_the_images_of_their_whole_rows(monkeypatch):
    digits, shown = data.load("digits"), []
    truth = digits.splits["test"].y
    run = runs.create(request.request("transfer", "digits-simclr", "digits"))
    monkeypatch.setattr(transfer_mistakes, "CLASSES", 2)
    monkeypatch.setattr(transfer_mistakes, "_images", lambda *args, **more: None)
    monkeypatch.setattr(transfer_mistakes.matrix, "matrix", lambda *args: shown.append(args))
    named = transfer_outcomes.Named((truth + 1) % 10, np.ones(len(truth)))
    transfer_mistakes._matrix(run, digits, "frozen", named, truth)
    _, _, names, counts, *_, totals = shown[0]
    assert totals == [int((truth == digits.classes.index(name)).sum()) for name in names]
    assert sum(map(sum, counts)) < sum(totals)
