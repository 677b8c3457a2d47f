"""How far two models disagree about an image: about its nearest neighbours, and about its place. Numpy only.

Shared neighbours as in Embedding Comparator (Boggust et al. 2022, arXiv:1912.04853). Neither number sees a rotation, a
scale or a shift, which are no differences. They see different things: a class that trades places with another as a
whole keeps its neighbours and has moved, unless there are so many dimensions that a rotation brings it back.
"""

from typing import NamedTuple

import numpy as np

from explorer.evaluation.similarity import procrustes

ROUNDING = 1e-5  # of the typical distance: features come in single precision


class Change(NamedTuple):
    """Of each image what is different for the second model, `[N]` each."""

    neighbours: np.ndarray  # 1 - Jaccard index of the two neighbourhoods, in [0, 1]; 0 = the same neighbours
    neighbours_alone: np.ndarray  # the same less the mean over its neighbours: how far it changed otherwise than they
    moved: np.ndarray  # distance between its two places after Procrustes; 1 = the typical distance from the middle
    moved_alone: np.ndarray  # the length of its displacement less the mean displacement of its neighbours


def change(first: np.ndarray, second: np.ndarray, near_first: np.ndarray, near_second: np.ndarray) -> Change:
    """Of features `[N, D1]` and `[N, D2]` of the same images, and who is near whom in each, `bool [N, N]`.

    The neighbours of an image are those of either model. An image that has moved with them, or lost its neighbours
    as they have lost theirs, does not stand out in the two numbers `alone`.
    """
    either = near_first | near_second
    weights = either / np.maximum(either.sum(1, keepdims=True), 1)  # [N, N] the mean over the neighbours
    lost = 1 - jaccard(near_first, near_second)
    displacement = displacements(first, second)
    around = displacement - weights @ displacement
    return Change(lost, lost - weights @ lost, *(np.linalg.norm(each, axis=1) for each in (displacement, around)))


def jaccard(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of each row `[N]` the shared neighbours over all neighbours of two `bool [N, N]`; 1 where neither has any."""
    shared, either = (first & second).sum(1), (first | second).sum(1)
    return np.where(either, shared / np.maximum(either, 1), 1.0)


def displacements(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """From where Procrustes has brought each image of the first to where the second has it, `[N, D]`.

    Both are centred and scaled to a mean squared distance of 1 from the middle; what is rounding is 0.
    """
    found = procrustes(*(_principal(each) for each in (first, second)))
    away = (found.target - found.aligned) * np.sqrt(len(first))
    away[np.abs(away) < ROUNDING] = 0
    return away


def _principal(features: np.ndarray) -> np.ndarray:
    """The same points in at most N dimensions, which are all that N of them can span."""
    x = np.asarray(features, np.float64)
    if x.shape[1] <= len(x):
        return x
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    return u * s


class OfClass(NamedTuple):
    """What is different for the images of a class."""

    label: int
    n: int
    neighbours: float  # means over its images
    moved: float


def by_class(found: Change, y: np.ndarray) -> list[OfClass]:
    """The means over each class of labels `[N]`, the class whose neighbours changed most first."""
    groups = ((int(label), y == label) for label in np.unique(y))
    rows = [OfClass(k, int(at.sum()), float(found.neighbours[at].mean()), float(found.moved[at].mean()))
            for k, at in groups]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.neighbours, -row.moved))
