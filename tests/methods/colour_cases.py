"""What the tests of methods that guess colours work on: a method, and a few coloured images."""

import torch

from explorer.core import Batch, DataSpec, generator
from explorer.methods import METHODS
from explorer.models.build import fresh


def made(name, size=16, encoder="conv", **hyperparameters):
    cfg = METHODS[name].training({"encoder": encoder, "width": 0.25})
    return fresh(name, hyperparameters, cfg, DataSpec.image("test", 3, size, tuple("abcd"), 40))


def batch(n=8, size=16):
    x = torch.rand(n, 3, size // 4, size // 4, generator=generator(0, "images"))
    return Batch(torch.nn.functional.interpolate(x, [size, size]), torch.zeros(n).long(), torch.arange(n))
