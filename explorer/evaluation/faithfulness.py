"""How far a map keeps neighbours: trustworthiness and continuity, Venna and Kaski 2001, of the whole and of each point.

A false neighbour is near on the map and not in the space, a missing one near in the space and not on the map. What is
equally near in the space may be exchanged: images that occur twice are no error of a map. What is equally near on the
map alone has the mean of its ranks: a map that draws all points in one place shows no neighbour.
"""

from typing import NamedTuple

import numpy as np

K = 10  # nearest neighbours that are compared, whatever a map was drawn with
ALL = 10_000  # points up to which each is measured
CHUNK = 250  # points whose distances to all others are held at once
NEAR = 1e-9  # of the median squared length: squared distances that differ by less are equal


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
        self.x = self.x - np.median(self.x, 0)  # which one point far away does not move
        self.squares = (self.x**2).sum(1)
        some = self.squares[self.squares > 0]
        self.equal = NEAR * float(np.median(some)) if len(some) else 0.0

    def of(self, points: np.ndarray) -> np.ndarray:
        """`[M, N]`, in which no point is near to itself."""
        d = self.squares[points][:, None] - 2 * self.x[points] @ self.x.T + self.squares
        d[np.arange(len(points)), points] = np.inf
        return d

    def nearer(self, d: np.ndarray, index: np.ndarray) -> np.ndarray:
        """How many points are nearer than each of some neighbours `[M, k]`."""
        least = np.take_along_axis(d, index, 1) - self.equal
        return np.stack([(d < column[:, None]).sum(1) for column in least.T], 1)

    def up_to(self, d: np.ndarray, index: np.ndarray) -> np.ndarray:
        """How many points are nearer than each of some neighbours `[M, k]` or as near, itself among them."""
        most = np.take_along_axis(d, index, 1) + self.equal
        return np.stack([(d <= column[:, None]).sum(1) for column in most.T], 1)

    def ties(self, d: np.ndarray, nearest: np.ndarray) -> np.ndarray:
        """The rows `[R]` in which some of the nearest, nearest first, are equally near."""
        return np.flatnonzero((np.diff(np.take_along_axis(d, nearest, 1), axis=1) <= self.equal).any(1))


def _part(space: _Distances, plane: _Distances, points: np.ndarray, k: int) -> tuple[np.ndarray, ...]:
    d_space, d_plane = space.of(points), plane.of(points)
    nearest, shown = _nearest(d_space, k + 1), _nearest(d_plane, k)
    near = nearest[:, :k]
    rank = 1 + (plane.nearer(d_plane, near) + plane.up_to(d_plane, near) - 1) / 2
    tied = space.ties(d_space, nearest)
    if len(tied):
        rank[tied] = _exchanged(space, plane, d_space[tied], d_plane[tied], near[tied])
    return shown, near, 1 + space.nearer(d_space, shown), rank


def _exchanged(
    space: _Distances, plane: _Distances, d_space: np.ndarray, d_plane: np.ndarray, near: np.ndarray
) -> np.ndarray:
    """The ranks `[R, k]` on the map of near points, not counting those that are as near in the space."""
    ranks = []
    for index in near.T[:, :, None]:
        at_space, at_plane = np.take_along_axis(d_space, index, 1), np.take_along_axis(d_plane, index, 1)
        other = np.abs(d_space - at_space) > space.equal
        nearer, up_to = d_plane < at_plane - plane.equal, d_plane <= at_plane + plane.equal
        ranks.append(1 + ((nearer & other).sum(1) + (up_to & other).sum(1)) / 2)
    return np.stack(ranks, 1)


def _nearest(d: np.ndarray, k: int) -> np.ndarray:
    index = np.argpartition(d, k - 1, axis=1)[:, :k]
    index.sort(axis=1)
    return np.take_along_axis(index, np.argsort(np.take_along_axis(d, index, 1), axis=1, kind="stable"), 1)
