"""Methods on another device and in half precision, as far as a machine without a GPU can tell.

torch's meta device computes shapes alone: it refuses tensors of two devices in one operation, and to be waited for.
"""

import math
from contextlib import nullcontext

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from explorer.augment import sobel, to_grey
from explorer.augment.constants import constant
from explorer.core import Batch, DataSpec, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.train import Fit
from tests.methods.contract_cases import made, split

META = torch.device("meta")


class Elsewhere(torch.Generator):
    """A generator that says it is on the other device; numbers there have no values anyway."""

    device = property(lambda self: META)


def pictures(name):
    """A method there, and a batch of colour images."""
    cfg = METHODS[name].training({"encoder": "conv", "width": 0.25, "batch": 16})
    there = fresh(name, {}, cfg, DataSpec.image("test", 3, 32, tuple("abcd"), 40)).to(META)
    x = torch.rand(16, 3, 32, 32, device=META)
    return there, Batch(x, torch.zeros(16, dtype=torch.long, device=META), torch.arange(16, device=META))


@pytest.mark.parametrize("name", METHODS)
def test_a_step_stays_on_the_device_of_its_images_and_waits_for_nothing(name, monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())  # which the meta device does not have
    method, batch = pictures(name)
    views = method.views(batch, Elsewhere())
    assert {value.device for value in views.values()} == {META}
    if players := method.players():
        out = method.loss(**views)
        assert {value.device for value in out.values()} == {META}
        for loss in players:
            out[loss].backward(retain_graph=True)
        method.after_step({key: value.detach() for key, value in out.items()}, batch, 0.5)
    assert method.embed(batch.x).device == META


class Copied(TorchFunctionMode):
    """Notes what brings numbers of the processor to the other device: a copy for which a GPU must be waited for."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        makes = func in (torch.tensor, torch.as_tensor, torch.asarray, torch.Tensor.new_tensor)
        brings = makes or (given and all(leaf.device != META for leaf in given))
        if isinstance(out, torch.Tensor) and out.device == META and brings:
            self.seen.append(func.__name__)
        return out


@pytest.mark.parametrize("name", METHODS)
def test_nothing_is_copied_to_the_device_in_a_step_but_once(name, monkeypatch):
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    method, batch = pictures(name)
    method.views(batch, Elsewhere())
    with Copied() as copied:
        views = method.views(batch, Elsewhere())
        if method.players():
            out = method.loss(**views)
            method.after_step({key: value.detach() for key, value in out.items()}, batch, 0.5)
    assert copied.seen == []


@pytest.mark.parametrize("operation", [to_grey, sobel])
def test_operations_copy_nothing_to_the_device_but_once(operation):
    x = torch.rand(4, 3, 8, 8, device=META)
    operation(x, Elsewhere())
    with Copied() as copied:
        operation(x, Elsewhere())
        assert copied.seen == []
        torch.tensor([1.0], device=META)
        torch.ones(2).to(META)
    assert copied.seen == ["tensor", "to"]


def test_what_is_made_in_inference_takes_part_in_learning_afterwards():
    constant.cache_clear()
    x = torch.rand(4, 3, 8, 8)
    with torch.inference_mode():
        to_grey(x, generator(0))
    picture = x.clone().requires_grad_(True)
    to_grey(picture, generator(0))[0].sum().backward()
    assert picture.grad.isfinite().all()


def test_a_method_that_leaves_its_device_is_found(monkeypatch):
    method, batch = pictures("simclr")
    monkeypatch.setattr(type(method), "loss", lambda self, view_1, view_2: {"loss": view_1.mean() * torch.ones(2)})
    with pytest.raises(RuntimeError, match="device"):
        method.loss(**method.views(batch, Elsewhere()))


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].info.family != "classical"])
def test_every_method_learns_in_half_precision(name):
    colour = METHODS[name].info.needs.colour
    method, _, cfg = made(name, "conv", "colour" if colour else "grey", precision="bfloat16")
    fit = Fit(method, split("colour" if colour else "grey"), cfg)
    losses = [step.out["loss"] for step in fit]
    assert all(math.isfinite(loss.item()) for loss in losses)
    assert all(torch.isfinite(value).all() for value in method.state_dict().values())
    assert all(value.dtype != torch.bfloat16 for value in method.state_dict().values()), "weights stay in float32"
