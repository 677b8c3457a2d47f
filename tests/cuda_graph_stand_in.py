"""A stand-in for CUDA graphs on a processor.

As with a CUDA graph, nothing is computed at the capture, and what a replay reads and writes has always the same
addresses. A CUDA graph does not run Python at a replay, and the stand-in does: so it refuses a method any of whose
attributes, other than parameters and buffers, are not at each replay what they were at the capture.
"""

import copy
import math

import pytest
import torch
from torch.utils._pytree import tree_leaves

from explorer import cuda_graph
from explorer.methods import METHODS

GRADIENT = [name for name in METHODS if METHODS[name].info.family != "classical" or name == "rbm"]
GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
OF_MODULES = vars(torch.nn.Module()).keys() - {"training"}  # parameters, buffers, hooks


class StandIn:
    """Graphs of one method, captured and replayed on a processor."""

    def __init__(self):
        self.method, self.captures, self.replays = None, 0, 0

    def __call__(self, work, rng):
        method, before, drawn = self.method, copy.deepcopy(self.method.state_dict()), torch.get_rng_state()
        frozen = attributes(method)
        self.captures += 1
        out = {name: value.clone() for name, value in work().items()}  # with all that led to them
        kept = [(weight, weight.grad) for weight in method.parameters() if weight.grad is not None]
        for name, value in method.state_dict().items():
            value.copy_(before[name])
        torch.set_rng_state(drawn)
        for value in [*out.values(), *(gradient for _, gradient in kept)]:
            value.detach().fill_(math.nan if value.is_floating_point() else 0)

        def launch():
            self.replays += 1
            assert attributes(method) == frozen, "a CUDA graph would replay with the attributes of the capture"
            for name, value in work().items():
                out[name].detach().copy_(value.detach())
            for weight, gradient in kept:
                gradient.copy_(weight.grad)
                weight.grad = None

        return out, launch


def attributes(method):
    """What the modules of a method keep beside parameters and buffers; of a tensor, where it is."""
    return {
        (name, key): [leaf.data_ptr() if isinstance(leaf, torch.Tensor) else repr(leaf) for leaf in tree_leaves(value)]
        for name, module in method.named_modules()
        for key, value in vars(module).items()
        if key not in OF_MODULES
    }


@pytest.fixture
def stand_in(monkeypatch):
    """A processor that captures graphs."""
    stand_in = StandIn()
    monkeypatch.setattr(cuda_graph, "can_capture", lambda device: True)
    monkeypatch.setattr(cuda_graph, "synchronises", lambda work: work() is None)
    monkeypatch.setattr(cuda_graph, "capture", stand_in)
    return stand_in
