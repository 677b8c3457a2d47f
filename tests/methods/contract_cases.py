"""What the tests of the contract work on: images of two kinds, and a method of each name on them."""

import torch

from explorer.core import Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh

KINDS = {"grey": (1, 8), "colour": (3, 16)}


def split(channels, size, rows=40, classes=4):
    rng = generator(0, "images", channels, size)
    x = torch.randint(0, 256, (rows, channels, size, size), generator=rng, dtype=torch.uint8)
    return Split(x, torch.arange(rows) % classes, tuple("abcd"[:classes]), "none")


def made(name, encoder, kind, **train):
    data = split(*KINDS[kind])
    cfg = METHODS[name].training({"encoder": encoder, "batch": 16, "epochs": 2, "width": 0.25, **train})
    return fresh(name, {}, cfg, data.spec("test")), data, cfg
