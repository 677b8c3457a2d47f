"""How far a map keeps neighbours: trustworthiness and continuity, Venna and Kaski 2001, of the whole and of each point.

A false neighbour is near on the map and not in the space, a missing one near in the space and not on the map. What is
equally near counts as near: images that occur twice are no error of a map.
"""

from typing import NamedTuple

import numpy as np

K = 10  # nearest neighbours that are compared, whatever a map was drawn with
ALL = 10_000  # points up to which each is measured
CHUNK = 250  # points whose distances to all others are held at once
NEAR = 1e-9  # of the mean squared length: distances that differ by less are equal


class Faithfulness(NamedTuple):
    """What a map keeps and what it does not; the points that were measured are all of them, or a sample."""

    trustworthiness: float  # in [0, 1]: 1 = who is near on the map is near in the space
    continuity: float  # in [0, 1]: 1 = who is near in the space is near on the map
    points: np.ndarray  # [M] positions of the points that were measured
    trust: np.ndarray  # [M] of each point; their mean is the whole's
    keeps: np.ndarray  # [M] the same for continuity
    shown: np.ndarray  # [M, k] the nearest on the map, nearest first
    false: np.ndarray  # [M, k] bool: which of these are false
    near: np.ndarray  # [M, k] the nearest in the space
    missing: np.ndarray  # [M, k] bool: which of these are missing on the map

    @property
    def k(self) -> int:
        """How many neighbours were compared."""
        return self.shown.shape[1]


def measure(x: np.ndarray, coords: np.ndarray, k: int = K, most: int = ALL) -> Faithfulness:
    """That of a map `[N, d]` of points `[N, D]`, at k neighbours, or as many as its definition allows.

    1 - 2 / (n k (2n - 3k - 1)) times the sum over false neighbours of their rank in the space less k, eq. 1 there;
    the continuity, eq. 2, with the two spaces exchanged. Of more than `most` points a fifth as many are measured, drawn
    at random and compared with all.
    """
    n = len(x)
    k = max(1, min(k, (n - 1) // 2))
    points = np.arange(n)
    if n > most:
        points = np.sort(np.random.default_rng(0).choice(n, most // 5, replace=False))
    space, plane = _Distances(x), _Distances(coords)
    parts = [_part(space, plane, points[i : i + CHUNK], k) for i in range(0, len(points), CHUNK)]
    shown, near, rank_in_space, rank_on_map = (np.concatenate(part) for part in zip(*parts, strict=True))
    norm = 2 / (k * (2 * n - 3 * k - 1))
    trust, keeps = (1 - norm * np.maximum(ranks - k, 0).sum(1) for ranks in (rank_in_space, rank_on_map))
    whole = round(float(trust.mean()), 4), round(float(keeps.mean()), 4)
    return Faithfulness(*whole, points, trust.astype(np.float32), keeps.astype(np.float32),
                        shown.astype(np.int32), rank_in_space > k, near.astype(np.int32), rank_on_map > k)  # fmt: skip


class _Distances:
    """Squared distances of some points to all."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = np.asarray(x, np.float64)
        self.x = self.x - self.x.mean(0)
        self.squares = (self.x**2).sum(1)
        self.equal = NEAR * max(float(self.squares.mean()), 1e-300)

    def of(self, points: np.ndarray) -> np.ndarray:
        """`[M, N]`, in which no point is near to itself."""
        d = self.squares[points][:, None] - 2 * self.x[points] @ self.x.T + self.squares
        d[np.arange(len(points)), points] = np.inf
        return d

    def rank(self, d: np.ndarray, index: np.ndarray) -> np.ndarray:
        """The ranks `[M, k]` from 1 of some neighbours: one more than how many are nearer."""
        least = np.take_along_axis(d, index, 1) - self.equal
        return 1 + np.stack([(d < column[:, None]).sum(1) for column in least.T], 1)


def _part(space: _Distances, plane: _Distances, points: np.ndarray, k: int) -> tuple[np.ndarray, ...]:
    d_space, d_plane = space.of(points), plane.of(points)
    near, shown = _nearest(d_space, k), _nearest(d_plane, k)
    return shown, near, space.rank(d_space, shown), plane.rank(d_plane, near)


def _nearest(d: np.ndarray, k: int) -> np.ndarray:
    index = np.argpartition(d, k - 1, axis=1)[:, :k]
    index.sort(axis=1)
    return np.take_along_axis(index, np.argsort(np.take_along_axis(d, index, 1), axis=1, kind="stable"), 1)
