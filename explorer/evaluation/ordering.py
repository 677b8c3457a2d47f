"""Which images and dimensions are shown first."""

import numpy as np


def largest_first(values: np.ndarray) -> np.ndarray:
    """Positions `[N]` by value `[N]`, largest first; equal ones in their order."""
    return np.argsort(-values, kind="stable")


def nearest_to_mean(images: np.ndarray, most: int) -> np.ndarray:
    """Positions of the `most` images `[N, C, H, W]` whose pixels are nearest to their mean, nearest first."""
    flat = np.asarray(images, np.float32).reshape(len(images), -1)
    return np.argsort(((flat - flat.mean(0)) ** 2).sum(1), kind="stable")[:most]


def classes_in_turn(y: np.ndarray) -> np.ndarray:
    """Positions `[N]`: the first image of each class `[N]`, then the second of each, and so on."""
    rank = np.empty(len(y), np.int64)
    for label in np.unique(y):
        rank[y == label] = np.arange((y == label).sum())
    return np.lexsort((y, rank))
