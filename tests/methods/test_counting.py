"""Counting: a counter of pixels pays nothing, and one that counts nothing pays the margin."""

import torch

from explorer.core import generator
from explorer.losses import counting
from tests.methods.pretext_cases import batch, made


def test_a_counter_of_pixels_pays_nothing_for_its_own_image():
    method, images = made("counting", margin=0.01, grey=0.0), batch()
    views = method.views(images, generator(0))

    def area(parts):  # the grey in it, as if each pixel of the smaller image were four
        return parts.sum((2, 3, 4))[..., None]

    whole, quarters, other = (
        4 * area(views["whole"][:, None])[:, 0],
        area(views["quarters"]),
        area(views["another"][:, None]),
    )
    own = counting(whole, quarters, 4 * other[:, 0], 1e-9)
    assert own < 1e-2 * whole.mean()
    assert torch.equal(quarters.sum(1)[:, 0].round(), images.x.sum((1, 2, 3)).round())


def test_the_other_image_is_never_the_same_one():
    views = made("counting", grey=0.0).views(batch(), generator(0))
    assert not (views["whole"] == views["another"]).flatten(1).all(1).any()


def test_counts_are_not_negative_and_who_counts_nothing_pays_the_margin():
    method = made("counting", margin=7.0)
    views = method.views(batch(), generator(0))
    assert method.count(views["quarters"]).min() >= 0
    torch.nn.init.zeros_(method.head.weight)
    assert method.loss(**views)["loss"] == 7 == method.chance(32)
