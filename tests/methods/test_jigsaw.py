"""The jigsaw: the order is in the pixels, who reads it pays nothing, and light and colour fringes do not tell it."""

import pytest
import torch

from explorer.core import Batch, generator
from explorer.methods import METHODS
from tests.methods.pretext_cases import knowing, made, number, numbered, pattern, patterned

EXACT = {"gap": 0, "jitter": 0}


@pytest.mark.parametrize("grid", [2, 3])
def test_the_order_is_the_one_that_the_tiles_came_in(grid):
    method = made("jigsaw", grid=grid, disguise=False)
    views = method.views(numbered(grid=grid), generator(0))
    assert torch.equal(number(views["shuffled"], grid), method.permutations[views["order"]])
    assert len(views["order"].unique()) > 10


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["jigsaw", "combined"])
def test_the_order_is_still_that_of_the_tiles_in_disguise(name, channels):
    method = made(name, channels=channels, **EXACT)
    views = method.views(patterned(channels=channels), generator(0))
    found, true = pattern(views["shuffled"]), method.permutations[views["order"]]
    assert (found == true).float().mean() > (0.99 if channels == 1 else 0.6), "moved channels blur it"


def test_who_reads_the_numbers_of_the_tiles_makes_no_mistake_and_puts_the_picture_together():
    method, images = made("jigsaw", disguise=False), numbered()
    knowing(method, "orders", lambda parts: (number(parts)[:, None] == method.permutations).all(2).int().argmax(1))
    out = method.loss(**method.views(images, generator(0)))
    assert out["accuracy"] == 1
    assert out["loss"] < 1e-6
    pictures = method.gallery(images.x)
    seen = pictures["put together"] != 0.5  # grey where there is no tile
    assert torch.equal(pictures["put together"][seen], images.x[seen])
    assert not torch.equal(pictures["shuffled"], pictures["put together"])


def lit(n=600, size=24):
    """Noise under a light that falls from top left to bottom right, with fringes of colour that grow to the right."""
    place = torch.linspace(0, 1, size)
    light = 0.3 + 0.35 * (place[:, None] + place)
    x = torch.rand(n, 1, size, size, generator=generator(0, "noise")) * light
    return Batch(x.expand(-1, 3, -1, -1).contiguous(), torch.zeros(n).long(), torch.arange(n))


def guessed(name, **hyperparameters):
    """How many tiles their light and their contrast put in the right place: the nearest of the mean ones."""
    method, images = made(name, channels=3, **hyperparameters), lit()
    views = method.views(images, generator(0))
    parts, place = views["shuffled"], method.permutations[views["order"]]
    deviation, mean = torch.std_mean(parts, (2, 3, 4))
    facts = torch.stack([mean, deviation], 2)  # [B, 9, 2]
    means = torch.stack([facts[place == k].mean(0) for k in range(9)])
    return (torch.cdist(facts, means).argmin(2) == place).float().mean().item()


def test_light_and_contrast_tell_the_place_of_a_tile_unless_it_is_disguised():
    assert guessed("jigsaw", disguise=False) > 0.3
    assert guessed("jigsaw") < 0.2 > guessed("combined")
    assert "shortcut" in METHODS["jigsaw"].Config(disguise=False).ablated()["disguise"]


@pytest.mark.parametrize("name", ["jigsaw", "combined"])
def test_some_images_have_grey_tiles_and_the_channels_of_the_others_are_moved(name):
    x = torch.rand(300, 3, 24, 24, generator=generator(0)).mul(0.2).add(torch.tensor([0.1, 0.3, 0.7])[:, None, None])
    shown = made(name, channels=3).views(Batch(x, x, x), generator(1))["shuffled"]
    grey = (shown == shown[:, :, :1]).flatten(2).all(2)  # [B, 9]
    assert torch.equal(grey.all(1), grey.any(1)), "all tiles of an image alike"
    assert grey.all(1).float().mean().item() == pytest.approx(0.3, abs=0.08)
