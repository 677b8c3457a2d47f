"""Orders of tiles that are easy to tell apart."""

import pytest
import torch

from explorer.core import generator
from explorer.nn import far_apart


def distances(orders):
    d = (orders[:, None] != orders[None]).sum(2)
    return d[~torch.eye(len(orders), dtype=torch.bool)]


@pytest.mark.parametrize(
    ("tiles", "count", "least"), [(4, 24, 2), (4, 4, 4), (9, 9, 8), (9, 24, 7), (9, 64, 6), (9, 1000, 4)]
)
def test_orders_are_far_apart_and_each_is_there_once(tiles, count, least):
    orders = far_apart(tiles, count)
    assert torch.equal(orders.sort(1).values, torch.arange(tiles).expand(count, -1))
    assert len(orders.unique(dim=0)) == count
    assert distances(orders).min() >= least
    assert torch.equal(orders, far_apart(tiles, count))


def test_chosen_orders_are_farther_apart_than_random_ones():
    chosen = distances(far_apart(9, 64))
    for seed in range(5):
        drawn = distances(torch.rand(64, 9, generator=generator(seed)).argsort(1))
        assert chosen.min() > drawn.min()
        assert chosen.float().mean() > drawn.float().mean()


def test_orders_that_were_handed_out_can_be_changed_without_harm():
    far_apart(4, 6).zero_()
    assert far_apart(4, 6).sum() == 6 * 6
