"""A transfer is refused where an arm would train weights that the model does not have; it leaves what must be said."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import Refused, data, runs
from explorer.__main__ import main
from explorer.core import METHODS
from explorer.data import caveats
from explorer.engine import worker
from explorer.tasks.request import request
from explorer.tasks.task import TASKS
from explorer.tasks.training import request as training_request

SOLVED = [name for name in METHODS if not METHODS[name].can_train()]


def trained(name):
    """A small run of this method that is done."""
    run = runs.create(training_request.train(name, "digits", {}, {"subset": 300, "epochs": 1}))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


@pytest.mark.parametrize("name", SOLVED)
def test_what_was_solved_in_closed_form_can_only_be_evaluated_frozen(name, capsys):
    run = trained(name)
    for arms in (("finetune",), ("scratch",), ("frozen", "scratch")):
        with pytest.raises(Refused, match=r"has no weights to train: choose arms=frozen, or a trained model$"):
            request("transfer", run.id, "digits", arms=arms)
    moved = runs.create(request("transfer", run.id, "digits", arms=("frozen",), epochs=2))
    worker.here(moved)
    assert moved.status.state == "done", moved.status.error
    assert moved.scores()["frozen"]["test_accuracy"] > 0.3
    capsys.readouterr()
    assert main(["transfer", run.id, "digits"]) == 2
    assert "has no weights to train: choose arms=frozen" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["rbm", "autoencoder"])
def test_what_learns_by_gradients_can_be_tuned(name):
    run = trained(name)
    moved = runs.create(request("transfer", run.id, "digits", epochs=1))
    worker.here(moved)
    assert moved.status.state == "done", moved.status.error


def of_pca():
    run = runs.create(request("transfer", "pca", "digits", arms=("frozen",), epochs=1))
    worker.here(run)
    assert run.status.state == "done", run.status.error
    return run


def test_the_numbers_of_balanced_classes_are_kept_and_not_said():
    lines, answer = TASKS["transfer"].report(of_pca())
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
    first, *others = TASKS["transfer"].report(of_pca())[0]
    assert first.startswith("frozen: test accuracy 0.")
    assert "(always naming the most frequent class: 0.9" in first and "; balanced accuracy: " in first
    assert [line.partition(": ")[0] for line in others] == ["class other", "class zero", "note"]
    assert others[-1] == "note: 9 of the images are copies."


def test_a_transfer_of_an_earlier_version_is_still_reported():
    run = of_pca()
    run.write_scores({"frozen": {"test_accuracy": 0.5}, "n_test": 9})
    assert TASKS["transfer"].report(run)[0] == ["frozen: test accuracy 0.5000"]
