"""How alike two models are beyond chance: similarities beside those of the same features with the images permuted.

A similarity of features has no natural zero: linear CKA grows with their number over that of the images, and every two
models share some neighbours. A permutation of the images of one model keeps both clouds of points and takes away what
they have to do with each other: what is left is the level of chance. Untrained networks have to stand beside it, too:
the architecture alone makes neighbours of images that are alike as pixels.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from explorer.evaluation.comparison.change import jaccard
from explorer.evaluation.neighbours import neighbourhoods
from explorer.evaluation.similarity import TINY, standard, u_centred

LOW, HIGH = 2.5, 97.5  # percentiles of the null that hold 95 of 100 permutations


class Interrupted(Exception):
    """Somebody has asked that the comparison stop."""


class Prepared(NamedTuple):
    """What the similarities are computed from, of one model on N images."""

    near: np.ndarray  # bool [N, N] its neighbourhoods
    kernel: np.ndarray  # [N, N] centred, at length 1: zeros where all features are the same
    debiased: np.ndarray  # [N, N] centred without its diagonal, at length 1

    def permuted(self, order: np.ndarray) -> "Prepared":
        """The same points, each with another image."""
        return Prepared(*(each[np.ix_(order, order)] for each in self))


def prepared(features: np.ndarray, k: int) -> Prepared:
    """Of features `[N, D]`, with k nearest neighbours."""
    x = standard(features)
    kernels = x @ x.T, u_centred(x)
    return Prepared(neighbourhoods(features, k), *(each / max(np.linalg.norm(each), TINY) for each in kernels))


def cka(first: Prepared, second: Prepared) -> float:
    """Linear CKA, as `similarity.linear_cka`: 1 = the same but for rotation and scale."""
    return float(np.vdot(first.kernel, second.kernel))


def debiased_cka(first: Prepared, second: Prepared) -> float:
    """The same without what grows with the width, as `similarity.debiased_cka`: to read where images are few."""
    return float(np.vdot(first.debiased, second.debiased))


def mutual_neighbours(first: Prepared, second: Prepared) -> float:
    """The share of an image's k nearest neighbours that it has in both, in the mean; Huh et al. 2024, arXiv:2405.07987.

    Where some are equally near, twice the shared ones over all of both.
    """
    shared, all_of = (first.near & second.near).sum(1), first.near.sum(1) + second.near.sum(1)
    return float((2 * shared / np.maximum(all_of, 1)).mean())


def neighbour_change(first: Prepared, second: Prepared) -> float:
    """The mean change of the neighbourhood, 1 - Jaccard index: 0 = the same neighbours."""
    return float(1 - jaccard(first.near, second.near).mean())


def by_image(first: Prepared, second: Prepared) -> dict[str, np.ndarray]:
    """What each image `[N]` adds to a similarity: of linear and debiased CKA the sums of its row, which add up to the
    whole; of the mutual neighbours its own share, of which the whole is the mean.
    """
    shared, all_of = (first.near & second.near).sum(1), first.near.sum(1) + second.near.sum(1)
    return {
        "cka": (first.kernel * second.kernel).sum(1),
        "debiased_cka": (first.debiased * second.debiased).sum(1),
        "mutual_neighbours": 2 * shared / np.maximum(all_of, 1),
    }


MEASURES: dict[str, Callable[[Prepared, Prepared], float]] = {
    each.__name__: each for each in (cka, debiased_cka, mutual_neighbours, neighbour_change)
}


class Calibrated(NamedTuple):
    """A similarity, and what it is of models that have nothing to do with each other."""

    value: float
    level: float  # the mean over permutations of the images
    low: float  # between this
    high: float  # and this lie 95 of 100 of them
    p: float  # of a value at least as far from the level by chance
    above: float  # (value - level) / (best - level): 0 = as by chance, 1 = the same; as the adjusted Rand index


BEST = {"neighbour_change": 0.0}  # of two models that are the same; 1 of all others


def calibrated(
    first: Prepared, second: Prepared, permutations: int = 200, seed: int = 0, stops: Callable[[], bool] = lambda: False
) -> dict[str, Calibrated]:
    """Every measure of two models with its permutation null; all measures see the same permutations.

    Raises `Interrupted` before the permutation at which `stops` says so.
    """
    value = {name: measure(first, second) for name, measure in MEASURES.items()}
    rng = np.random.default_rng((seed, 11))
    null: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(permutations):
        if stops():
            raise Interrupted
        other = second.permuted(rng.permutation(len(second.near)))
        for name, measure in MEASURES.items():
            null[name].append(measure(first, other))
    return {name: _beside(value[name], np.array(null[name]), BEST.get(name, 1.0)) for name in MEASURES}


def _beside(value: float, null: np.ndarray, best: float) -> Calibrated:
    level = float(null.mean())
    far = np.abs(null - level) >= abs(value - level) - 1e-9
    p = (1 + int(far.sum())) / (1 + len(null))
    above = (value - level) / (best - level) if abs(best - level) > TINY else 0.0
    low, high = np.percentile(null, [LOW, HIGH])
    return Calibrated(value, level, float(low), float(high), p, float(above))
