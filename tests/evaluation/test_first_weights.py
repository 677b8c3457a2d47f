"""First weights of a seed are drawn where the generator is seeded, on the CPU, whatever device the network is on.

The device "meta" stands in for a GPU: what is drawn there leaves the CPU's generator as it was.
"""

import pytest
import torch
from torch import nn

from explorer.core import seeded
from explorer.models.pretrained import heads
from explorer.nn import lora

OLD = [nn.Linear(5, 4, device="meta"), nn.Conv2d(5, 4, 1, device="meta")]
MAKERS = {
    "linear": lambda: heads.new_layer(OLD[0], 3),
    "convolution": lambda: heads.new_layer(OLD[1], 3),
    "head": lambda: heads.new_head(OLD[1], 3),
    "lora": lambda: lora.LowRank(OLD[0].weight, 2),
}


@pytest.mark.parametrize("name", MAKERS)
def test_they_are_drawn_on_the_cpu_and_then_moved(name):
    with seeded(0):
        before = torch.get_rng_state()
        made = MAKERS[name]()
        assert not torch.equal(torch.get_rng_state(), before)
    assert {each.device.type for each in made.parameters()} == {"meta"}
