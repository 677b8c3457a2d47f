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


def patterned(n=32, size=24, grid=3, channels=1):
    """Images whose tiles say by the share of their bright rows which they are, whatever their light and contrast."""
    cell = size // grid
    bright = (torch.arange(grid * grid) + 1).view(grid, grid, 1) > torch.linspace(0, grid * grid, cell * cell).long()
    x = bright.view(grid, grid, cell, cell).permute(0, 2, 1, 3).reshape(1, 1, size, size).float()
    light = torch.linspace(0.2, 1, grid).repeat_interleave(cell).view(1, 1, 1, size)  # more from left to right
    return Batch((0.2 + 0.6 * light * x).expand(n, channels, -1, -1), torch.zeros(n).long(), torch.arange(n))


def pattern(parts, grid=3):
    """Which tiles these are, by the share of their bright pixels."""
    low, high = parts.amin((2, 3, 4), keepdim=True), parts.amax((2, 3, 4), keepdim=True)
    return ((parts > (low + high) / 2).float().mean((2, 3, 4)) * grid**2).round().long() - 1


def images(rows=40, size=24):
    x = torch.randint(0, 256, (rows, 1, size, size), generator=generator(0, "rows"), dtype=torch.uint8)
    return Split(x, torch.zeros(rows, dtype=torch.long), ("a", "b"), "none")


def knowing(method, logits, of):
    """Lets the method answer what `of` reads off the pixels."""
    setattr(method, logits, lambda parts: 50.0 * torch.nn.functional.one_hot(of(parts), logits_of(method)).float())
    return method


def logits_of(method):
    return round(math.exp(method.chance(32)))
