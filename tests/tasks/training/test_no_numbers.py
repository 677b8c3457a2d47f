"""A loss or a weight that is no number ends a training, and no checkpoint is made of it."""

import math

import pytest
import torch

from explorer import cuda_graph, train
from explorer.methods import METHODS
from explorer.models import loading
from explorer.tasks.training import loop
from explorer.train import Fit
from tests.tasks.training.short_runs import PER_EPOCH, quick, trained

__all__ = ["quick"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_named_with_its_first_step_and_no_checkpoint_is_made_of_it(value, monkeypatch):
    monkeypatch.setattr(loop, "LOG_EVERY", 1000.0)  # it is seen at the end of the epoch only
    explode(monkeypatch, "loss", value, step=2 * PER_EPOCH + 2)
    run = trained(epochs=5)
    lower = "lower lr (it was 0.001) and train again; its checkpoint of step 8 is kept"
    assert run.status.error == f"loss became {value} at step 10: {lower}"
    assert [int(path.name) for path in sorted((run.folder / "last").iterdir())] == [4, 8]
    assert all(value.isfinite().all() for value in loading.load(run.id).module.state_dict().values())


def test_a_loss_that_was_no_number_is_found_though_the_next_step_has_others():
    finite = train.NonFiniteGuard()
    for t, out in enumerate([{"a": 1.0}, {"a": math.nan}, {"b": 1.0}, {"b": math.inf}, {"a": 1.0}], 1):
        finite.watch(t, {name: torch.tensor(value) for name, value in out.items()})
    step, name, value = finite.first()
    assert (step, name, math.isnan(value)) == (2, "a", True)


def test_the_loss_of_another_player_counts_too(monkeypatch):
    explode(monkeypatch, "adversary", math.nan, step=3)
    assert "adversary became nan at step 3: lower lr" in trained().status.error


def test_weights_that_are_no_numbers_are_not_kept_though_their_loss_was_one(monkeypatch):
    def step(fit, before=Fit.__next__):
        made = before(fit)
        if fit.t == 2 * PER_EPOCH:
            next(fit.method.parameters()).data[0] = math.nan
        return made

    monkeypatch.setattr(Fit, "__next__", step)
    run = trained()
    assert run.status.error.startswith("a weight became nan at step 8: lower lr")
    assert int(run.checkpoint().name) == 4


def explode(monkeypatch, name, value, step):
    """A loss that is no number from a step on."""
    cls, before, now = METHODS["autoencoder"], METHODS["autoencoder"].loss, {"t": 0}

    def step_of(fit, before=Fit.__next__):
        now["t"] = fit.t + 1
        return before(fit)

    def loss(self, image):
        out = before(self, image)
        more = torch.tensor(value if now["t"] >= step else 1.0)
        return out | {name: out[name] * more if name in out else more}

    monkeypatch.setattr(Fit, "__next__", step_of)
    monkeypatch.setattr(cls, "loss", loss)
    monkeypatch.setattr(cuda_graph, "can_capture", lambda device: False)  # a replay does not ask what step it is
