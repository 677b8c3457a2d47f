"""What a map does to the nearest neighbours: who is near on it, and who of them is near in the space of features."""

from typing import NamedTuple

import numpy as np


class Agreement(NamedTuple):
    """How far the nearest on a map are the nearest in the space, for each point; shares in [0, 1]."""

    on_map: np.ndarray  # [N, k] positions, nearest on the map first
    kept: np.ndarray  # [N] share of the nearest in the space that are among the nearest on the map


def nearest_on_map(coords: np.ndarray, k: int = 10) -> np.ndarray:
    """Positions `[N, k]` of the nearest others on a map `[N, 2]` or `[N, 3]`, nearest first; fewer of few points.

    Points in one place are near in the order of their positions; none of them is its own neighbour.
    """
    from scipy.spatial import cKDTree

    n, k = len(coords), min(k, len(coords) - 1)
    if k < 1:
        return np.zeros((n, 0), np.int64)
    index = cKDTree(coords).query(coords, k + 1)[1]  # [N, k + 1]
    own = index == np.arange(n)[:, None]
    own[~own.any(1), -1] = True  # many points in one place: it is not among its own nearest
    return index[~own].reshape(n, k)


def nearest_to(coords: np.ndarray, at: int, k: int = 10) -> np.ndarray:
    """Positions `[k]` of the nearest others to one point of a map: without those of all points."""
    distance = ((coords - coords[at]).astype(np.float64) ** 2).sum(1)
    distance[at] = np.inf
    k = min(k, len(coords) - 1)
    near = np.argpartition(distance, k - 1)[:k] if k > 0 else np.zeros(0, np.int64)
    return near[np.lexsort((near, distance[near]))]


def agreement(in_space: np.ndarray, coords: np.ndarray) -> Agreement:
    """The nearest in the space `[N, k]` against the nearest on the map `[N, 2 or 3]`."""
    on_map = nearest_on_map(coords, in_space.shape[1])
    kept = np.zeros(len(in_space), np.float32)
    for column in in_space.T:
        kept += (on_map == column[:, None]).any(1)
    return Agreement(on_map, kept / max(1, in_space.shape[1]))


def vote(y: np.ndarray, index: np.ndarray) -> np.ndarray:
    """The class `[N]` that most of the neighbours `[N, k]` have; of equally many that of the nearest of them."""
    votes = np.zeros((len(index), int(y.max(initial=0)) + 1), np.float64)
    nearness = 1 + 1e-6 * np.arange(index.shape[1], 0, -1)  # decides ties
    for column, weight in zip(index.T, nearness, strict=True):
        votes[np.arange(len(index)), y[column]] += weight
    return votes.argmax(1)
