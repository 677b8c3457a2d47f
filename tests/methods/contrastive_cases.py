"""What the tests of methods that compare views work on: a small network on coloured images."""

from explorer.core import DataSpec
from explorer.methods import METHODS
from explorer.models.build import fresh

SPEC = DataSpec.image("test", 3, 16, ("a", "b"), 64)
B = 12


def made(name, **hyperparameters):
    return fresh(name, hyperparameters, METHODS[name].training({"encoder": "conv", "width": 0.25, "batch": B}), SPEC)


def gradients(network):
    return [p.grad is not None and bool(p.grad.any()) for p in network.parameters()]
