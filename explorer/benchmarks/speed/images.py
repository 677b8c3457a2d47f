"""The images that both sides of a comparison are given."""

from contextlib import suppress
from typing import NamedTuple

import numpy as np

from explorer import Refused, data


class Pictures(NamedTuple):
    """Images `[N, C, H, W]` uint8, and what they are."""

    x: np.ndarray
    data: str


def colour(n: int) -> Pictures:
    """32×32 in colour, drawn by the data set `shapes`; the same ones again where more are wanted than it has."""
    x = np.asarray(data.load("shapes").splits["train"].x)
    return Pictures(np.resize(x, (n, *x.shape[1:])), "shapes")


def digits(n: int) -> Pictures:
    """28×28 in grey: MNIST where it is in the data root, or else random pixels, whose loss means nothing."""
    with suppress(Refused):
        splits = data.load("mnist").splits
        x = np.concatenate([splits[name].x for name in ("train", "validation")])
        return Pictures(x[:n], "MNIST")
    return Pictures(np.random.default_rng(0).integers(0, 256, (n, 1, 28, 28), np.uint8), "random pixels")
