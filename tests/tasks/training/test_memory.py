"""The memory of a training is measured on steps at the full resolution, which need the most."""

import pytest
import torch

from explorer.methods import METHODS
from explorer.tasks.training import memory
from tests.methods.contract_cases import made


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].any_size])
def test_a_training_that_begins_at_half_the_resolution_needs_as_much_memory_as_one_that_does_not(name):
    torch.set_num_threads(1)
    whole, half = (
        memory.need(*made(name, "conv", "colour", half_resolution=share)).bytes(512) - memory.MARGIN
        for share in (0.0, 0.9)
    )
    assert half == pytest.approx(whole, rel=0.01)
