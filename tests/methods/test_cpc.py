"""CPC: what the context has read, what it predicts, and which patches it sees."""

import pytest
import torch

from explorer import Refused
from explorer.core import generator
from explorer.losses import info_nce_in_batch
from explorer.methods.cpc import TURNS
from tests.methods.contrastive_cases import gradients, made


def test_the_context_of_cpc_has_not_read_what_it_predicts(batch):
    method = made("cpc", steps=2)
    z = torch.randn(method.grid, 5, method.encoder.out_dim, requires_grad=True)
    context = method.readers[0](z.transpose(0, 1))[0].transpose(0, 1)
    context[1].sum().backward()
    reached = z.grad.abs().sum((1, 2)) > 0
    assert reached.tolist() == [True, True] + [False] * (method.grid - 2)


def test_cpc_is_asked_for_the_patches_one_and_two_rows_further_down():
    method = made("cpc", steps=2)
    g, images = method.grid, 3
    z = torch.randn(g, images * g, method.encoder.out_dim)
    c = method.readers[0](z.transpose(0, 1))[0].transpose(0, 1)
    slow = [info_nce_in_batch(method.guesses[k - 1](c[row]), z[row + k]) for k in (1, 2) for row in range(g - k)]
    found = method.ahead(z, method.readers[0], method.guesses, images)
    torch.testing.assert_close(torch.stack(found), torch.stack(slow))


@pytest.mark.parametrize("directions", [1, 2, 4])
def test_each_direction_of_cpc_has_its_own_guesses(directions, batch):
    method = made("cpc", steps=2, directions=directions)
    assert len(method.readers) == directions
    assert len(method.guesses) == 2 * directions
    method.loss(**method.views(batch, generator(1)))["loss"].backward()
    assert all(gradients(method.guesses))


def test_a_direction_of_cpc_is_a_turn_of_the_grid():
    """What goes down in a turned image goes right, left or up in the image itself."""
    method = made("cpc", steps=1, directions=4)
    for d in range(1, 4):
        method.readers[d].load_state_dict(method.readers[0].state_dict())
        method.guesses[d].load_state_dict(method.guesses[0].state_dict())
    z = torch.randn(2, method.grid, method.grid, method.encoder.out_dim)

    def losses(d, z):
        turned = torch.rot90(z, TURNS[d], (1, 2)).transpose(0, 1).flatten(1, 2)
        return torch.stack(method.ahead(turned, method.readers[d], method.guesses[d : d + 1], len(z)))

    upside_down = z.flip(1, 2)
    torch.testing.assert_close(losses(1, upside_down), losses(0, z))


def test_patches_that_do_not_fit_are_refused_with_the_nearest():
    with pytest.raises(Refused, match=r"patches of 14 do not go twice into 16x16 pixels: choose patch 4 to 10"):
        made("cpc", patch=14)
    assert made("cpc", patch=10).grid == 2


def test_the_patches_of_cpc_overlap_by_half(batch):
    method = made("cpc")
    patches = method.views(batch, generator(1))["patches"].unflatten(1, (method.grid, method.grid))
    half = method.side // 2
    assert torch.equal(patches[:, :-1, :, :, half:], patches[:, 1:, :, :, :half])


def test_colour_dropping_leaves_one_channel(batch):
    patches = made("cpc", colour_drop=1.0).views(batch, generator(1))["patches"]
    assert torch.equal(patches[:, :, 0], patches[:, :, 1])
    assert torch.equal(patches[:, :, 1], patches[:, :, 2])
