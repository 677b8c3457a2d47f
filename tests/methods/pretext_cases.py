"""What the tests of pretext tasks work on: a method, and images that say where each tile belongs."""

import math

import torch

from explorer.core import Batch, DataSpec, Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh


def made(name, size=24, channels=1, rows=40, **hyperparameters):
    spec = DataSpec.image("test", channels, size, ("a", "b"), rows)
    return fresh(name, hyperparameters, METHODS[name].training({"encoder": "conv", "width": 0.25}), spec)


def batch(n=32, size=24, channels=1):
    x = torch.rand(n, channels, size, size, generator=generator(0, "images"))
    return Batch(x, torch.zeros(n, dtype=torch.long), torch.arange(n))


def numbered(n=32, size=24, grid=3):
    """Images whose tiles say by their grey which they are: tile i of g*g is i / (g*g)."""
    x = torch.arange(grid * grid).view(1, 1, grid, grid) / grid**2
    x = x.repeat_interleave(size // grid, 2).repeat_interleave(size // grid, 3).expand(n, -1, -1, -1)
    return Batch(x, torch.zeros(n, dtype=torch.long), torch.arange(n))


def number(parts, grid=3):
    """Which tiles these are, by their grey."""
    return (parts.mean((2, 3, 4)) * grid**2).round().long()


def images(rows=40, size=24):
    x = torch.randint(0, 256, (rows, 1, size, size), generator=generator(0, "rows"), dtype=torch.uint8)
    return Split(x, torch.zeros(rows, dtype=torch.long), ("a", "b"), "none")


def knowing(method, logits, of):
    """Lets the method answer what `of` reads off the pixels."""
    setattr(method, logits, lambda parts: 50.0 * torch.nn.functional.one_hot(of(parts), logits_of(method)).float())
    return method


def logits_of(method):
    return round(math.exp(method.chance(32)))
