"""Trainings with CUDA graphs end as those without: on a processor with a stand-in, and on a GPU, if any."""

import pytest
import torch

from explorer import cuda_graph
from explorer.methods import METHODS
from explorer.train import Fit
from tests.cuda_graph_stand_in import GPU, GRADIENT, stand_in
from tests.methods.contract_cases import fitting, made

ADVERSARY = {"context_encoder": {"adversarial": True}}

__all__ = ["stand_in"]


def trained(name, stand_in=None, **train):
    """What a method is after 4 epochs of 2 batches, and what its losses were."""
    torch.set_num_threads(1)
    method, data, cfg = made(name, "conv", fitting(name, "colour"), **{"epochs": 4, **train})
    if stand_in:
        stand_in.method = method
    losses = [{key: value.clone() for key, value in step.out.items()} for step in Fit(method, data, cfg)]
    return method.state_dict(), losses


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(value, other[key]) for key, value in one.items())


def test_a_graph_keeps_nothing_alive_of_how_its_losses_came_about(stand_in):
    method, data, cfg = made("simclr", "conv", "colour", epochs=4)
    stand_in.method, fit = method, Fit(method, data, cfg)
    assert not any(value.requires_grad for step in fit for value in step.out.values())
    graph = fit.gradients.graph
    assert graph.out and not any(value.requires_grad for value in graph.out.values())


@pytest.mark.parametrize("name", GRADIENT)
def test_a_training_of_replayed_steps_ends_with_the_same_bytes(name, stand_in, monkeypatch):
    state, losses = trained(name, stand_in)
    assert (stand_in.captures, stand_in.replays) == (1, 5), "all but the first three"
    monkeypatch.undo()
    before, before_losses = trained(name)
    assert same(state, before)
    assert all(map(same, losses, before_losses))


@pytest.mark.parametrize("name", [name for name in GRADIENT if METHODS[name].any_size])
def test_a_graph_is_captured_again_where_the_resolution_changes(name, stand_in, monkeypatch):
    state, losses = trained(name, stand_in, half_resolution=0.6)  # 5 steps of 8
    assert (stand_in.captures, stand_in.replays) == (1, 2), "3 steps are too few for a second graph"
    longer = trained(name, stand_in, half_resolution=0.6, epochs=6)  # 8 steps of 12
    assert (stand_in.captures, stand_in.replays) == (3, 2 + 5 + 1)
    monkeypatch.undo()
    for got, cfg in (((state, losses), {}), (longer, {"epochs": 6})):
        before, before_losses = trained(name, half_resolution=0.6, **cfg)
        assert same(got[0], before)
        assert all(map(same, got[1], before_losses))


def test_players_are_captured_together(stand_in, monkeypatch):
    fresh = made.__globals__["fresh"]
    monkeypatch.setitem(made.__globals__, "fresh", lambda name, _, *rest: fresh(name, ADVERSARY[name], *rest))
    state, _ = trained("context_encoder", stand_in)
    assert stand_in.replays == 5
    stand_in.method = None
    monkeypatch.setattr(cuda_graph, "can_capture", lambda device: False)
    assert same(state, trained("context_encoder")[0])


def test_steps_that_synchronise_are_not_captured(stand_in, monkeypatch):
    monkeypatch.setattr(cuda_graph, "synchronises", lambda work: True)
    state, _ = trained("simclr", stand_in)
    assert stand_in.captures == 0
    monkeypatch.undo()
    assert same(state, trained("simclr")[0])


def test_a_capture_that_fails_ends_no_training(stand_in, monkeypatch, capsys):
    calls = []

    def fails(work, rng):
        calls.append(rng)
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(cuda_graph, "capture", fails)
    state, _ = trained("byol")
    assert len(calls) == 1, "it is not tried again"
    assert "not permitted" in capsys.readouterr().err
    monkeypatch.undo()
    assert same(state, trained("byol")[0])


def test_a_method_that_does_not_learn_in_place_is_not_replayed(stand_in, monkeypatch):
    moco = METHODS["moco"]
    after = moco.after_step

    def elsewhere(self, *rest):
        after(self, *rest)
        self.queue = self.queue.clone()

    monkeypatch.setattr(moco, "after_step", elsewhere)
    state, _ = trained("moco", stand_in)
    assert (stand_in.captures, stand_in.replays) == (1, 1)
    monkeypatch.undo()
    assert same(state, trained("moco")[0])


@pytest.mark.parametrize("hook", ["loss", "after_step"])
def test_a_schedule_that_is_no_buffer_is_seen(hook, stand_in, monkeypatch):
    """A CUDA graph would freeze it: its replays would be other steps than the eager ones."""
    simclr = METHODS["simclr"]
    before = getattr(simclr, hook)

    def counted(self, *args, **views):
        self.calls = getattr(self, "calls", 0) + 1
        return before(self, *args, **views)

    monkeypatch.setattr(simclr, hook, counted)
    with pytest.raises(AssertionError, match="attributes of the capture"):
        trained("simclr", stand_in)


@pytest.mark.parametrize("name", GRADIENT)
def test_no_step_draws_from_the_default_generator(name):
    """A failed capture may leave it unusable."""
    method, data, cfg = made(name, "conv", fitting(name, "colour"))
    batch, drawn = method.sample(data, torch.arange(16), 16), torch.get_rng_state()
    Fit(method, data, cfg).gradients(batch, torch.Generator())
    assert torch.equal(torch.get_rng_state(), drawn)


@GPU
def test_work_that_reads_a_number_off_a_gpu_synchronises():
    x, before = torch.ones(2, device="cuda"), torch.cuda.get_sync_debug_mode()
    assert cuda_graph.synchronises(lambda: x.sum().item())
    assert not cuda_graph.synchronises(lambda: x + 1)
    assert torch.cuda.get_sync_debug_mode() == before


def test_nothing_is_captured_on_a_processor():
    assert not cuda_graph.can_capture(torch.device("cpu"))


@GPU
@pytest.mark.parametrize("name", GRADIENT)
def test_a_gpu_captures_the_step_of_every_method(name):
    method, data, cfg = made(name, "conv", fitting(name, "colour"), epochs=4)  # in bfloat16
    fit = Fit(method.to("cuda", memory_format=torch.channels_last), data.to("cuda"), cfg)
    assert all(step.out["loss"].isfinite() for step in fit)
    assert fit.gradients.graph and not fit.gradients.disabled
