"""Relative patches: the direction is in the pixels, and who reads it pays nothing."""

import pytest
import torch

from explorer.augment import AROUND
from explorer.core import generator
from tests.methods.pretext_cases import batch, knowing, made, number, numbered


@pytest.mark.parametrize("grid", [2, 3])
def test_the_direction_leads_from_the_first_tile_to_the_second(grid):
    views = made("relative_patch", grid=grid).views(numbered(grid=grid), generator(0))
    first, second = number(views["pair"], grid).unbind(1)
    step = torch.stack([second // grid - first // grid, second % grid - first % grid], 1)
    assert torch.equal(step, torch.tensor(AROUND)[views["direction"]])


def test_who_reads_the_numbers_of_both_tiles_knows_the_direction():
    def direction(pair):
        first, second = number(pair).unbind(1)
        step = torch.stack([second // 3 - first // 3, second % 3 - first % 3], 1)
        return (step[:, None] == torch.tensor(AROUND)).all(2).int().argmax(1)

    method, images = made("relative_patch"), numbered()
    knowing(method, "directions", direction)
    assert method.loss(**method.views(images, generator(0)))["accuracy"] == 1
    pictures = method.gallery(images.x)
    assert torch.equal(pictures["neighbour"], pictures["where it is put"])


def test_tiles_are_shown_in_one_colour_unless_that_is_switched_off():
    images = batch(channels=3)
    pair = made("relative_patch", channels=3).views(images, generator(0))["pair"]
    assert torch.equal(pair[:, :, 0], pair[:, :, 2])
    kept = made("relative_patch", channels=3, drop_colours=False)
    pair = kept.views(images, generator(0))["pair"]
    assert not torch.equal(pair[:, :, 0], pair[:, :, 2])
