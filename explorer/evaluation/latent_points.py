"""One point of a latent space: the code at a place on a map, its nearest real images, and how dense the codes lie."""

from typing import NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import neighbours

NEAR = 8  # real images nearest to a point
BESIDE = 5  # points of a map that decide the code of a place between them
DENSE = 10  # the distance to so many of the nearest codes says how dense they lie
USUAL = 200  # codes that tell which distance is usual


class Around(NamedTuple):
    """What lies around a code."""

    near: np.ndarray  # [k] positions of the nearest codes, nearest first
    density: float  # the usual distance to the 10th nearest code over that of this point: 1 = as dense as usual


def code_at(coords: np.ndarray, codes: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The code `[D]` at a place `[2]` of a map `coords` `[N, 2]` of codes `[N, D]`.

    The mean of the codes of the five nearest points, weighted by the inverse square of their distances on the map
    (Shepard 1968, doi:10.1145/800186.810616): at a point it is that point's code, and it never leaves the codes' hull.
    """
    _different(codes)
    beside = np.asarray(coords, float) - np.asarray(place, float)
    beside /= max(float(np.abs(beside).max()), 1e-300)  # squares of far distances would be infinite
    near = neighbours.nearest(beside, np.zeros((1, beside.shape[1])), BESIDE, "euclidean")
    distance = -near.proximity[0]
    exact = distance <= 1e-9 * max(float(np.ptp(beside, axis=0).max()), 1e-12)
    weight = exact.astype(float) if exact.any() else (distance.min() / distance) ** 2
    return (weight[:, None] * codes[near.index[0]]).sum(0).astype(np.float32) / np.float32(weight.sum())


def around(codes: np.ndarray, code: np.ndarray) -> Around:
    """The nearest of codes `[N, D]` to a code `[D]`, and how dense they lie there."""
    _different(codes)
    k = min(DENSE, len(codes) - 1)
    found = neighbours.nearest(codes, code[None], max(NEAR, k), "euclidean")
    few = np.unique(np.linspace(0, len(codes) - 1, USUAL).astype(int))
    usual = np.median(-neighbours.nearest(codes, codes[few], k, "euclidean", own=few).proximity[:, -1])
    here = float(-found.proximity[0, k - 1])
    return Around(found.index[0, :NEAR], float(usual / here) if here > 0 else float("inf"))


def arithmetic(codes: np.ndarray) -> np.ndarray:
    """a - b + c of codes `[3, D]`, as Mikolov et al. 2013 do with words, arXiv:1301.3781."""
    return codes[0] - codes[1] + codes[2]


class Plane(NamedTuple):
    """The two directions in which codes vary most, in standard deviations from their mean."""

    coords: np.ndarray  # [N, 2] of the codes
    directions: np.ndarray  # [2, D], one standard deviation long
    mean: np.ndarray  # [D]

    def code(self, place: np.ndarray) -> np.ndarray:
        """The code `[D]` at a place `[2]`."""
        return (self.mean + np.asarray(place) @ self.directions).astype(np.float32)


def plane(codes: np.ndarray) -> Plane:
    """That of codes `[N, D]`; of one dimension there is one direction, and the second coordinate is 0."""
    _different(codes)
    mean = codes.mean(0)
    directions = np.linalg.svd(codes - mean, full_matrices=False)[2][:2]
    directions *= np.sign(directions[np.arange(len(directions)), np.abs(directions).argmax(1)])[:, None]
    if len(directions) < 2:
        directions = np.concatenate([directions, np.zeros((2 - len(directions), codes.shape[1]))])
    coords = (codes - mean) @ directions.T
    deviation = coords.std(0)
    return Plane(coords / np.where(deviation > 1e-9, deviation, 1), directions * deviation[:, None], mean)


def _different(codes: np.ndarray) -> None:
    if len(codes) < 2 or np.ptp(codes, axis=0).max(initial=0) <= 1e-6 * max(float(np.abs(codes).max(initial=0)), 1e-12):
        raise Refused("the latent codes do not differ: choose a model that has not collapsed")
