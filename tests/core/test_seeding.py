"""The process's own generator is given the state of an address, on every device in use and on no other."""

import pytest
import torch

from explorer.core import generator, reseed, seeded


def test_a_reseeded_process_draws_what_torch_draws_from_that_seed():
    with seeded(0):
        reseed(3, "dropout", 7)
        drawn = torch.rand(5)
        torch.manual_seed(generator(3, "dropout", 7).initial_seed())
        assert torch.equal(drawn, torch.rand(5))


@pytest.mark.parametrize("in_use", [False, True])
def test_gpus_are_reseeded_where_they_are_in_use_and_cost_nothing_where_they_are_not(monkeypatch, in_use):
    asked = []
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: in_use)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "manual_seed_all", asked.append)
    with seeded(0):
        reseed(3, "dropout", 7)
    assert asked == [generator(3, "dropout", 7).initial_seed()] * in_use
