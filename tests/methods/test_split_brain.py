"""The split brain: each half sees what the other does not."""

import math

import pytest
import torch

from explorer.core import generator
from explorer.nn.colour_space import to_lab, to_rgb
from tests.methods.colour_cases import batch, made


def test_each_half_of_a_split_brain_sees_what_the_other_does_not():
    method = made("split_brain").eval()
    lab = to_lab(0.3 + 0.4 * batch().x)
    z = method.embed(to_rgb(lab))
    greyed = method.embed(to_rgb(torch.cat([lab[:, :1], 0.5 * lab[:, 1:]], 1)))
    lighter = method.embed(to_rgb(torch.cat([lab[:, :1] + 5, lab[:, 1:]], 1)))
    for other, blind in ((greyed, 0), (lighter, 1)):
        moved = [half.abs().max().item() for half in (other - z).chunk(2, dim=1)]
        assert moved[1 - blind] > 50 * moved[blind]


def test_a_split_brain_tells_the_loss_of_each_half():
    method = made("split_brain")
    out = method.loss(**method.views(batch(), generator(0, "t")))
    assert out["loss"].item() == pytest.approx((out["ab"] + out["lightness"]).item())
    assert method.chance(8) == pytest.approx(math.log(77) + math.log(20))


def test_lightness_falls_into_equal_steps():
    steps = made("split_brain", greys=4).step(torch.tensor([0.0, 0.24, 0.26, 0.99, 1.0])[:, None, None, None])
    assert steps[:, :, 0, 0].argmax(1).tolist() == [0, 0, 1, 3, 3]
    assert (steps.sum(1) == 1).all()
