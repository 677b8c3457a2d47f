"""What the tests of the contract work on: images of two kinds, and a method of each name on them."""

import torch

from explorer.core import Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh

KINDS = {"grey": (1, 8, 8), "colour": (3, 16, 16), "words": (12,)}


def split(kind, rows=40, classes=4):
    shape = KINDS[kind]
    rng = generator(0, "images", *shape[:2])
    about = torch.arange(rows) % classes, tuple("abcd"[:classes]), "none"
    if kind == "words":
        x = torch.randint(0, 20, (rows, *shape), generator=rng, dtype=torch.int32)
        return Split(x, *about, modality="text", vocabulary=20)
    return Split(torch.randint(0, 256, (rows, *shape), generator=rng, dtype=torch.uint8), *about)


def made(name, encoder, kind, **train):
    data = split(kind)
    cfg = METHODS[name].training({"encoder": encoder, "batch": 16, "epochs": 2, "width": 0.25, **train})
    return fresh(name, {}, cfg, data.spec("test")), data, cfg


def fitting(name, images):
    """The kind of data that a method is tried on: these images, or what it needs instead of images."""
    return {"image": images, "text": "words"}[METHODS[name].info.needs.modality]
