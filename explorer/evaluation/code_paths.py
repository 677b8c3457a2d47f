"""Ways from one latent code to another: straight, around the origin, and along the data. Torch-free."""

from typing import Literal

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import neighbours

Way = Literal["linear", "spherical", "data"]
WAYS: dict[Way, str] = {"linear": "linear", "spherical": "spherical", "data": "through the data"}
NEAR = 10  # neighbours of each code in the graph; twice as many until the two ends are connected
PARALLEL = 1e-6  # of an angle in radians, below which two directions are one


def way(kind: Way, a: np.ndarray, b: np.ndarray, steps: int, codes: np.ndarray) -> np.ndarray:
    """The codes `[steps, D]` of one kind of way from a to b `[D]`; `codes` `[N, D]` are those of the data."""
    if kind == "data":
        return along(through_data(codes, a, b), steps)
    return (spherical if kind == "spherical" else linear)(a, b, steps)


def linear(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """The straight line `[steps, D]`, both ends included."""
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * a + share * b


def spherical(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """The arc around the origin `[steps, D]`, Shoemake 1985, doi:10.1145/325165.325242: equal norms are kept.

    Different norms change evenly. Where no arc is determined (an end at the origin, one dimension, equal or opposite
    directions) it is the straight line.
    """
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if min(lengths) == 0:
        return linear(a, b, steps)
    u, v = a / lengths[0], b / lengths[1]
    angle = 2 * np.arctan2(np.linalg.norm(u - v), np.linalg.norm(u + v))  # exact for small and for straight angles
    if not PARALLEL < angle < np.pi - PARALLEL:
        return linear(a, b, steps)
    share = np.linspace(0, 1, steps)[:, None]
    direction = (np.sin((1 - share) * angle) * u + np.sin(share * angle) * v) / np.sin(angle)
    return (direction * ((1 - share) * lengths[0] + share * lengths[1])).astype(np.float32)


def through_data(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The corners `[P, D]` of the shortest path from a to b in the graph of nearest neighbours among `codes` `[N, D]`.

    As Isomap measures distances (Tenenbaum et al. 2000). Each code is joined to its 10 nearest, or to twice as many
    until a path exists. Raises `Refused` where there are no two different codes.
    """
    from scipy.sparse.csgraph import dijkstra

    points = np.concatenate([np.stack([a, b]), codes]).astype(np.float64)
    if np.ptp(points, axis=0).max(initial=0) <= 1e-9 * max(float(np.abs(points).max(initial=0)), 1e-12):
        raise Refused("the latent codes do not differ: choose a model that has not collapsed")
    near = NEAR
    while True:
        before = dijkstra(_graph(points, near), directed=False, indices=0, return_predecessors=True)[1]
        if before[1] >= 0 or near >= len(points) - 1:
            break
        near *= 2
    corners = [1]
    while corners[-1] != 0:
        corners.append(int(before[corners[-1]]))
    return points[corners[::-1]].astype(np.float32)


def along(corners: np.ndarray, steps: int) -> np.ndarray:
    """Points `[steps, D]` on the way over corners `[P, D]`, at equal distances along it."""
    lengths = np.linalg.norm(np.diff(corners.astype(np.float64), axis=0), axis=1)
    reached = np.concatenate([[0.0], np.cumsum(lengths)])
    if reached[-1] == 0:
        return np.repeat(corners[:1], steps, 0)
    asked = np.linspace(0, reached[-1], steps)
    return np.stack([np.interp(asked, reached, column) for column in corners.T], 1).astype(np.float32)


def _graph(points: np.ndarray, near: int) -> object:
    """The distances `[N, N]` to the nearest, sparse; copies of a point are joined, too."""
    from scipy.sparse import csr_matrix

    n = len(points)
    found = neighbours.nearest(points, points, near, "euclidean", own=np.arange(n))
    rows = np.repeat(np.arange(n), found.index.shape[1])
    distance = np.maximum(-found.proximity.ravel(), 1e-12)  # a zero would be no edge
    return csr_matrix((distance, (rows, found.index.ravel())), shape=(n, n))
