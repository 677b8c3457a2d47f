"""A transfer is refused before it is queued where an arm would train weights that the model does not have."""

import pytest

from explorer import Refused, runs
from explorer.__main__ import main
from explorer.core import METHODS
from explorer.engine import worker
from explorer.tasks.request import request
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
