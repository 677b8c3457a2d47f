"""The map of a projection: features at unit length, as the loss compares them, and one plane on which they are drawn.

A cosine sees points of the unit sphere. Their orthogonal projection onto a plane lies in the unit disc, whatever the
plane: nothing is centred or scaled, so a collapsed projection is one point and stays one. All frames of a run share the
plane in which the images of a frame lie farthest apart, on average over the frames: no other plane would show a
collapse as less complete.
"""

from typing import NamedTuple

import numpy as np

from explorer.evaluation.health import unit

STORED = "projection"  # as frames call it
SCALE = 127  # of a stored byte: a coordinate is off by 0.004 at most, less than a pixel of a map


class Plane(NamedTuple):
    """The axes on which all frames up to one are drawn, and what the next frame is added to."""

    axes: np.ndarray  # [P, 2], orthonormal
    scatter: np.ndarray  # [P, P], the sum over the frames


def packed(z: np.ndarray) -> np.ndarray:
    """Features `[N, P]` at unit length, in bytes; what is no number counts as 0."""
    return np.rint(SCALE * unit(np.nan_to_num(z).astype(np.float64))).astype(np.int8)


def opened(stored: np.ndarray) -> np.ndarray:
    """What was stored, at unit length `[N, P]`, or on two axes already `[N, 2]`."""
    points = stored.astype(np.float32)
    return points / SCALE if stored.dtype == np.int8 else points


def plane(points: np.ndarray, before: Plane | None = None) -> Plane:
    """The plane of largest scatter of this frame `[N, P]` and those before it; each frame counts the same.

    It is turned so that the images of this frame move as little as possible against the plane `before` (orthogonal
    Procrustes): the map of a run that is still training neither turns nor flips.
    """
    centred = points - points.mean(0)
    scatter = (centred.T @ centred / len(points)).astype(np.float64) + (0 if before is None else before.scatter)
    axes = np.linalg.eigh(scatter)[1][:, :-3:-1].astype(np.float32)
    if before is None:
        return Plane(axes, scatter)
    left, _, right = np.linalg.svd((points @ axes).T @ (points @ before.axes))
    return Plane(axes @ (left @ right), scatter)


def on_plane(points: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Where points of the sphere `[N, P]` lie on the plane `[N, 2]`: inside the unit disc."""
    return points @ axes
