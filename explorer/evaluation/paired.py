"""Whether two ways of training differ, from what each named rightly among the same test images. Torch-free.

Seeds share their test images, so a difference that every seed repeats may still be one of these images alone: an
interval over the seeds has to hold the draw of the images, too.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.evaluation.statistics import Z, mean_interval

HALVINGS = 50  # of the level, until its interval ends at 0


class Paired(NamedTuple):
    """A difference of two accuracies, with its 95% interval and the p of no difference."""

    difference: float  # in the mean over the seeds
    low: float
    high: float
    p: float


def paired(first: np.ndarray, second: np.ndarray) -> Paired:
    """Of what each names rightly, `bool [S, N]`: seeds whose labels and weights are paired, and the same N images.

    Over several seeds the interval is that of their mean (Student's t) and that of the images, added as independent
    errors are; p is the larger of its own and of `flip_p`, which is exact over the images however few differ. With one
    seed p is the exact McNemar test, and the interval is that of Bonett & Price 2012, doi:10.3102/1076998611411915.
    """
    differences = first.astype(int) - second.astype(int)
    by_seed, by_image = differences.mean(1), differences.mean(0)
    seeds, exact = len(by_seed), flip_p(differences.sum(0))
    middle, error = image_error(by_image)
    if seeds == 1:
        return Paired(float(by_seed[0]), middle - Z * error, middle + Z * error, exact)
    low, high = mean_interval(by_seed.tolist())
    half, difference = math.hypot((high - low) / 2, Z * error), float(by_seed.mean())
    ours = two_way_p(difference, float(by_seed.std(ddof=1)) / math.sqrt(seeds), seeds, error)
    return Paired(difference, difference - half, difference + half, max(ours, exact))


def image_error(by_image: np.ndarray) -> tuple[float, float]:
    """The mean of paired differences `[N]` and its standard error, with one image added that favours either side."""
    d = np.concatenate([by_image, [1.0, -1.0]])
    return float(d.mean()), float(d.std() / math.sqrt(len(d)))


def flip_p(differences: np.ndarray) -> float:
    """The exact two-sided p of a sum of whole numbers `[N]`, each with either sign as likely as with the other.

    Of differences of 1 it is the binomial test. Their characteristic function is the product of cosines.
    """
    sizes, counts = np.unique(np.abs(differences[differences != 0]), return_counts=True)
    reach = int(sizes @ counts)
    angles = 2 * np.pi * np.arange(reach + 1) / (2 * reach + 1)
    share = np.fft.irfft(np.prod(np.cos(np.outer(sizes, angles)) ** counts[:, None], axis=0), 2 * reach + 1)
    extreme = np.arange(abs(int(differences.sum())), reach + 1)  # the sums as far from 0; those below lie at the end
    return float(min(1.0, share[extreme].sum() * 2)) if differences.sum() else 1.0


def two_way_p(difference: float, seed_error: float, seeds: int, image_error: float) -> float:
    """The level at which the interval over seeds and images ends at 0."""
    from scipy.special import ndtri, stdtrit

    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        p = (low + high) / 2
        half = math.hypot(stdtrit(seeds - 1, 1 - p / 2) * seed_error, ndtri(1 - p / 2) * image_error)
        low, high = (p, high) if half > abs(difference) else (low, p)
    return high


def holm(values: Sequence[float]) -> list[float]:
    """The same p as if they were asked alone: Holm 1979, a step-down Bonferroni correction."""
    order, adjusted, largest = np.argsort(values, kind="stable"), [1.0] * len(values), 0.0
    for rank, at in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[at]))
        adjusted[at] = largest
    return adjusted
