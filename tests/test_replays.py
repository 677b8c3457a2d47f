"""A replayed step is the eager step from the same state: its outputs, every gradient, every buffer.

On a processor with a stand-in for CUDA graphs, and on a GPU, if any. Faults are planted to see that the comparison
finds them.
"""

from functools import partial

import pytest
import torch

from explorer import cuda_graph
from explorer.train import Fit
from tests.cuda_graph_stand_in import GPU, GRADIENT, stand_in
from tests.methods.contract_cases import fitting, made

RELATIVE, NOISE = 1e-4, 1e-5  # what float32 may differ by: of a tensor's largest value, and of the largest of its kind
BATCH = 16
CASES = {"images and seed": (0, 1), "other images": (1, 1), "another seed": (0, 2)}  # which rows, which seed

__all__ = ["stand_in"]


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=GPU)])
def graphed(request, monkeypatch):
    """Makes a training of a method whose step was captured, on a device."""
    if request.param == "cpu":
        torch.set_num_threads(1)
        standing_in = request.getfixturevalue("stand_in")
    else:
        monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)

    def make(name):
        method, data, cfg = made(name, "conv", fitting(name, "colour"), epochs=4, precision="float32")
        method = method.to(request.param, memory_format=torch.channels_last)
        if request.param == "cpu":
            standing_in.method = method
        fit = Fit(method, data.to(request.param), cfg)
        for _ in range(cuda_graph.WARMUP + 1):
            next(fit)
        assert fit.gradients.graph and not fit.gradients.disabled
        return fit

    return make


def step(fit, compute, part, seed):
    """Outputs, gradients and buffers after one step of some rows; the state before it is restored."""
    method, device = fit.method, fit.data.x.device
    before = {name: value.clone() for name, value in method.state_dict().items()}
    for weight in method.parameters():
        weight.grad = None
    batch = method.sample(fit.data, torch.arange(len(fit.data), device=device)[part * BATCH :], BATCH)
    out = compute(batch, torch.Generator(device).manual_seed(seed))
    made_by = {
        "output": {name: value.detach().clone() for name, value in out.items()},
        "gradient": {name: w.grad.clone() for name, w in method.named_parameters() if w.grad is not None},
        "buffer": {name: value.clone() for name, value in method.named_buffers()},
    }
    for name, value in method.state_dict().items():
        value.copy_(before[name])
    return made_by


def eager(fit, part, seed):
    return step(fit, partial(fit.gradients.compute, fit.method), part, seed)


def replayed(fit, part, seed):
    return step(fit, fit.gradients.graph.replay, part, seed)


def differences(one, other):
    """The tensors that are not the same, or that only one of the steps has."""
    found = []
    for kind, expected in other.items():
        found += [(kind, name) for name in one[kind].keys() ^ expected.keys()]
        largest = max((size(value) for value in expected.values()), default=0.0)
        for name in one[kind].keys() & expected.keys():
            allowed = RELATIVE * size(expected[name]) + NOISE * largest
            if not size(one[kind][name].double() - expected[name].double()) <= allowed:  # also where it is no number
                found.append((kind, name))
    return found


def size(value):
    """The largest absolute value of a tensor."""
    return value.abs().max().item() if value.numel() else 0.0


@pytest.mark.parametrize("name", GRADIENT)
def test_a_replayed_step_is_the_eager_step(name, graphed):
    fit = graphed(name)
    for case, chosen in CASES.items():
        assert differences(replayed(fit, *chosen), eager(fit, *chosen)) == [], case


@pytest.mark.parametrize("name", GRADIENT)
def test_other_images_and_another_seed_give_another_loss(name, graphed):
    fit = graphed(name)
    first, images, seed = (replayed(fit, *chosen)["output"]["loss"].item() for chosen in CASES.values())
    assert images != pytest.approx(first, rel=1e-6)
    if draws(fit):
        assert seed != pytest.approx(first, rel=1e-6)


def draws(fit):
    """Whether the seed changes anything: some methods see the images as they are."""
    return bool(differences(eager(fit, 0, 2), eager(fit, 0, 1)))


def never_copied(replay, graph, batch, rng):
    return replay(graph, graph.batch, rng)


def frozen_seed(replay, graph, batch, rng):
    return replay(graph, batch, torch.Generator(rng.device).manual_seed(7))


def no_gradients(replay, graph, batch, rng):
    out = replay(graph, batch, rng)
    for _, gradient in graph.gradients:
        gradient.zero_()
    return out


@pytest.mark.parametrize("name", GRADIENT)
@pytest.mark.parametrize("fault", [never_copied, frozen_seed, no_gradients])
def test_a_fault_of_the_replay_is_found(fault, name, graphed, monkeypatch):
    fit, replay = graphed(name), cuda_graph.StepGraph.replay
    monkeypatch.setattr(cuda_graph.StepGraph, "replay", lambda *args: fault(replay, *args))
    found = [differences(replayed(fit, *chosen), eager(fit, *chosen)) for chosen in CASES.values()]
    assert any(found) == (fault is not frozen_seed or draws(fit))
