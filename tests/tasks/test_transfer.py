"""A transfer leaves with its accuracies what has to stand beside them."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import data, runs
from explorer.data import caveats
from explorer.engine import worker
from explorer.tasks import request
from explorer.tasks.task import TASKS


def moved():
    run = runs.create(request.request("transfer", "pca", "digits", arms=("frozen",), epochs=1))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def test_the_numbers_of_balanced_classes_are_kept_and_not_said():
    lines, answer = TASKS["transfer"].report(moved())
    assert [line.partition(":")[0] for line in lines] == ["frozen"] and "(" not in lines[0]
    assert answer["majority_share"] == pytest.approx(0.1, abs=0.02) and answer["caveats"] == []
    recalls = answer["per_class"]["frozen"]
    assert answer["balanced_accuracy"]["frozen"] == pytest.approx(np.mean(recalls))
    right = np.dot(recalls, answer["per_class"]["n"]) / answer["n_test"]
    assert answer["test_accuracy"]["frozen"] == pytest.approx(right)


def test_imbalanced_classes_and_caveats_are_said_with_every_arm(monkeypatch):
    digits = data.load("digits")
    splits = {split: images._replace(y=(images.y == 0).astype(np.int64)) for split, images in digits.splits.items()}
    uneven = replace(digits, classes=("other", "zero"), splits=splits)
    monkeypatch.setattr(data, "load", lambda *_: uneven)
    monkeypatch.setattr(caveats, "of_scores", lambda *_: ["9 of the images are copies."])
    first, *others = TASKS["transfer"].report(moved())[0]
    assert first.startswith("frozen: test accuracy 0.")
    assert "(always naming the most frequent class: 0.9" in first and "; balanced accuracy: " in first
    assert [line.partition(": ")[0] for line in others] == ["class other", "class zero", "note"]
    assert others[-1] == "note: 9 of the images are copies."


def test_a_transfer_of_an_earlier_version_is_still_reported():
    run = moved()
    run.write_scores({"frozen": {"test_accuracy": 0.5}, "n_test": 9})
    assert TASKS["transfer"].report(run)[0] == ["frozen: test accuracy 0.5000"]
