"""The jigsaw: the order is in the pixels, and who reads it pays nothing."""

import pytest
import torch

from explorer.core import generator
from tests.methods.pretext_cases import knowing, made, number, numbered


@pytest.mark.parametrize("grid", [2, 3])
def test_the_order_is_the_one_that_the_tiles_came_in(grid):
    method = made("jigsaw", grid=grid)
    views = method.views(numbered(grid=grid), generator(0))
    assert torch.equal(number(views["shuffled"], grid), method.permutations[views["order"]])
    assert len(views["order"].unique()) > 10


def test_who_reads_the_numbers_of_the_tiles_makes_no_mistake_and_puts_the_picture_together():
    method, images = made("jigsaw"), numbered()
    knowing(method, "orders", lambda parts: (number(parts)[:, None] == method.permutations).all(2).int().argmax(1))
    out = method.loss(**method.views(images, generator(0)))
    assert out["accuracy"] == 1
    assert out["loss"] < 1e-6
    pictures = method.gallery(images.x)
    seen = pictures["put together"] != 0.5  # grey where there is no tile
    assert torch.equal(pictures["put together"][seen], images.x[seen])
    assert not torch.equal(pictures["shuffled"], pictures["put together"])
