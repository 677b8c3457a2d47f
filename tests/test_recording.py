"""Recorded steps are the steps themselves: on a processor with a stand-in for CUDA's graphs, and on a GPU, if any.

The stand-in does what a recording does: nothing while it is made, and always with the same places in memory.
"""

import copy
import math

import pytest
import torch

from explorer import recording
from explorer.methods import METHODS
from explorer.train import Fit
from tests.methods.contract_cases import fitting, made

GRADIENT = [name for name in METHODS if METHODS[name].info.family != "classical" or name == "rbm"]
ADVERSARY = {"context_encoder": {"adversarial": True}}


class Tape:
    """Recordings of one method, made and played on a processor."""

    def __init__(self):
        self.method, self.made, self.played = None, 0, 0

    def __call__(self, work, rng):
        method, before, drawn = self.method, copy.deepcopy(self.method.state_dict()), torch.get_rng_state()
        self.made += 1
        out = {name: value.clone() for name, value in work().items()}  # with all that led to them
        kept = [(weight, weight.grad) for weight in method.parameters() if weight.grad is not None]
        for name, value in method.state_dict().items():
            value.copy_(before[name])
        torch.set_rng_state(drawn)
        for value in [*out.values(), *(gradient for _, gradient in kept)]:
            value.detach().fill_(math.nan if value.is_floating_point() else 0)

        def again():
            self.played += 1
            for name, value in work().items():
                out[name].detach().copy_(value.detach())
            for weight, gradient in kept:
                gradient.copy_(weight.grad)
                weight.grad = None

        return out, again


@pytest.fixture
def tape(monkeypatch):
    """A processor that records."""
    tape = Tape()
    monkeypatch.setattr(recording, "has_room", lambda device: True)
    monkeypatch.setattr(recording, "waits", lambda work: work() is None)
    monkeypatch.setattr(recording, "record", tape)
    return tape


def trained(name, tape=None, **train):
    """What a method is after 4 epochs of 2 batches and a smaller one, and what its losses were."""
    torch.set_num_threads(1)
    method, data, cfg = made(name, "conv", fitting(name, "colour"), epochs=4, **train)
    if tape:
        tape.method = method
    losses = [{key: value.clone() for key, value in step.out.items()} for step in Fit(method, data, cfg)]
    return method.state_dict(), losses


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(value, other[key]) for key, value in one.items())


def test_a_recording_keeps_nothing_alive_of_how_its_losses_came_about(tape):
    method, data, cfg = made("simclr", "conv", "colour", epochs=4)
    tape.method, fit = method, Fit(method, data, cfg)
    assert not any(value.requires_grad for step in fit for value in step.out.values())
    recorded = fit.gradients.recording
    assert recorded.out and not any(value.requires_grad for value in recorded.out.values())


@pytest.mark.parametrize("name", GRADIENT)
def test_a_training_of_recorded_steps_ends_with_the_same_bytes(name, tape, monkeypatch):
    state, losses = trained(name, tape)
    assert (tape.made, tape.played) == (1, 6), "all but the first three, and the smaller ones"
    monkeypatch.undo()
    before, before_losses = trained(name)
    assert same(state, before)
    assert all(map(same, losses, before_losses))


def test_players_are_recorded_together(tape, monkeypatch):
    fresh = made.__globals__["fresh"]
    monkeypatch.setitem(made.__globals__, "fresh", lambda name, _, *rest: fresh(name, ADVERSARY[name], *rest))
    state, _ = trained("context_encoder", tape)
    assert tape.played == 6
    tape.method = None
    monkeypatch.setattr(recording, "has_room", lambda device: False)
    assert same(state, trained("context_encoder")[0])


def test_steps_that_wait_are_not_recorded(tape, monkeypatch):
    monkeypatch.setattr(recording, "waits", lambda work: True)
    state, _ = trained("simclr", tape)
    assert tape.made == 0
    monkeypatch.undo()
    assert same(state, trained("simclr")[0])


def test_a_recording_that_fails_ends_no_training(tape, monkeypatch, capsys):
    calls = []

    def fails(work, rng):
        calls.append(rng)
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(recording, "record", fails)
    state, _ = trained("byol")
    assert len(calls) == 1, "it is not tried again"
    assert "not permitted" in capsys.readouterr().err
    monkeypatch.undo()
    assert same(state, trained("byol")[0])


def test_a_method_that_does_not_learn_in_place_is_not_replayed(tape, monkeypatch):
    moco = METHODS["moco"]
    after = moco.after_step

    def elsewhere(self, *rest):
        after(self, *rest)
        self.queue = self.queue.clone()

    monkeypatch.setattr(moco, "after_step", elsewhere)
    state, _ = trained("moco", tape)
    assert (tape.made, tape.played) == (1, 1)
    monkeypatch.undo()
    assert same(state, trained("moco")[0])


def test_nothing_is_recorded_on_a_processor():
    assert not recording.has_room(torch.device("cpu"))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("name", GRADIENT)
def test_a_gpu_replays_the_steps_that_it_recorded(name, monkeypatch):
    def on_gpu(**train):
        method, data, cfg = made(name, "conv", fitting(name, "colour"), epochs=4, **train)
        fit = Fit(method.to("cuda", memory_format=torch.channels_last), data.to("cuda"), cfg)
        losses = [step.out["loss"].item() for step in fit]
        return losses, fit.gradients

    with monkeypatch.context() as patch:
        patch.setattr(recording, "has_room", lambda device: False)
        written, _ = on_gpu()
    losses, recorder = on_gpu()
    assert recorder.recording and not recorder.off
    assert losses == pytest.approx(written, rel=0.02)
