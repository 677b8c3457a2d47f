"""Two maps laid on each other: a rotation, a reflection, a scale and a shift are no difference. Numpy only."""

from typing import NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.similarity import TINY, procrustes

LEAST = 3  # points that lie on both maps


class Transform(NamedTuple):
    """How a map is brought onto another one: turned (or mirrored), stretched alike in all directions, and shifted."""

    rotation: np.ndarray  # [d, d] orthogonal
    scale: float
    shift: np.ndarray  # [d]
    left: float  # the share of the other map's variance that is left between them: 0 = the same, 1 = no relation

    def apply(self, coords: np.ndarray) -> np.ndarray:
        """Points of the map `[M, d]`, also those that the other one lacks, in the coordinates of the other."""
        return self.scale * np.asarray(coords, np.float64) @ self.rotation + self.shift


def turned(coords: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Points `[N, d]` turned (or mirrored) by an orthogonal matrix `[d, d]`, at their own scale."""
    return coords @ rotation


def fit(coords: np.ndarray, onto: np.ndarray, *, same_size: bool = False) -> Transform:
    """The transform that brings points `[N, d]` nearest to their counterparts `[N, d]` in least squares.

    Schönemann and Carroll 1970, doi:10.1007/BF02291478: the rotation of orthogonal Procrustes, and as scale the sum of
    the singular values over the squared length, which is small where the two have little to do with each other; with
    `same_size` the one that makes them equally large, to be looked at side by side. Raises `Refused` for maps of
    other dimensions or too few points.
    """
    if coords.shape[1:] != onto.shape[1:]:
        raise Refused(
            f"a map in {coords.shape[1]} dimensions cannot be laid on one in {onto.shape[1]}: draw both alike"
        )
    if len(coords) < LEAST:
        raise Refused(f"{len(coords)} common images are too few to lay two maps on each other: take at least {LEAST}")
    x, y = (np.asarray(each, np.float64) for each in (coords, onto))
    centre, length, other = x.mean(0), np.linalg.norm(x - x.mean(0)), np.linalg.norm(y - y.mean(0))
    found = procrustes(x, y)
    likeness = float((found.aligned * found.target).sum())  # the sum of the singular values of both at length 1
    scale = (1.0 if same_size else likeness) * other / length if length > TINY else 1.0
    return Transform(found.rotation, float(scale), y.mean(0) - scale * centre @ found.rotation, 1 - likeness**2)
