"""Colorization: what it cannot see, its prior, its rebalancing."""

import pytest
import torch

from explorer import Refused
from explorer.core import DataSpec, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn.colour_space import to_lab, to_rgb
from tests.methods.colour_cases import batch, made

METHOD_NAMES = ["colorization", "split_brain"]


def test_colorization_cannot_see_the_colour():
    method = made("colorization").eval()
    x = batch().x
    lab = to_lab(x)
    grey = to_rgb(torch.cat([lab[:, :1], 0 * lab[:, 1:]], 1))
    assert not torch.allclose(grey, x, atol=0.1)
    assert torch.allclose(method.embed(x), method.embed(grey), atol=1e-4)


def test_the_prior_moves_towards_the_colours_that_were_seen():
    method, images = made("colorization"), batch()
    assert method.prior.std() < 1e-6
    out = method.loss(**method.views(images, generator(0, "t")))
    for _ in range(200):
        method.after_step(out, images, 0.0)
    assert torch.allclose(method.prior, out["colours"].mean(0), atol=1e-4)
    assert method.prior.sum().item() == pytest.approx(1, abs=1e-5)


def test_an_even_guess_costs_the_chance_line_once_the_prior_is_known():
    method, images = made("colorization"), batch()
    views = method.views(images, generator(0, "t"))
    for _ in range(200):
        method.after_step(method.loss(**views), images, 0.0)
    torch.nn.init.zeros_(method.places.scores.weight)
    torch.nn.init.zeros_(method.places.scores.bias)
    assert method.loss(**views)["loss"].item() == pytest.approx(method.chance(8), abs=1e-3)


def test_colorization_without_rebalancing_is_broken_on_purpose():
    broken = METHODS["colorization"].hyperparameters({"rebalance": 0.0})
    assert set(broken.ablated()) == {"rebalance"}
    assert broken.restored().rebalance == 1.0
    assert not METHODS["colorization"].hyperparameters({}).ablated()


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_autocast_costs_little(name):
    method, images = made(name), batch(16)
    views = method.views(images, generator(0, "t"))
    exact = method.loss(**views)["loss"]
    with torch.autocast("cpu", torch.bfloat16):
        coarse = method.loss(**views)["loss"]
    assert coarse.item() == pytest.approx(exact.item(), rel=0.02)
    assert coarse.dtype == torch.float32


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_grey_images_are_refused_with_the_rule(name):
    cfg = METHODS[name].training({})
    with pytest.raises(Refused, match="needs colour images, and digits is grey: choose another data set"):
        fresh(name, {}, cfg, DataSpec.image("digits", 1, 8, ("0",), 9))
