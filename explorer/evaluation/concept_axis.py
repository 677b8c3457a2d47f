"""An axis through the space of features, from one point or class mean to another: where all points lie along it."""

import numpy as np

from explorer import Refused


def along(features: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Places `[N]` of features `[N, D]` along the axis from `start` to `end` `[D]`: 0 at the start, 1 at the end.

    The orthogonal projection; raises `Refused` where the two ends are one.
    """
    features = np.asarray(features, np.float64)
    way = np.asarray(end, np.float64) - start
    length = float(way @ way)
    if length <= 1e-12 * max(float((features**2).sum(1).max(initial=0.0)), 1e-12):
        raise Refused("both ends of the axis have the same features: choose two that differ")
    return (features - start) @ way / length


def end(features: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """An end of an axis `[D]`: the mean of the features at some positions, of one point or of a class."""
    return np.asarray(features, np.float64)[positions].mean(0)


def along_evenly(places: np.ndarray, n: int) -> np.ndarray:
    """Positions of up to `n` points, from the first to the last place `[N]`, as even as they can be."""
    targets = np.linspace(places.min(), places.max(), n)
    nearest = np.abs(places[None, :] - targets[:, None]).argmin(1)
    return nearest[np.sort(np.unique(nearest, return_index=True)[1])]
