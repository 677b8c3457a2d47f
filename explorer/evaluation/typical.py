"""What is typical of some of the points of a map: classes and factors that are more frequent than by chance."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

LEVEL = 0.01  # of significance, over all classes and factors that are tested
MANY = 12  # different whole numbers up to which a factor counts as classes


class Excess(NamedTuple):
    """A class that is more frequent among the chosen than among all, beyond chance."""

    name: str
    n: int  # of the chosen
    expected: float  # of as many that are drawn at random


class Shift(NamedTuple):
    """A number that is distributed otherwise among the chosen: the middle half of them, and of all the others."""

    name: str
    inside: tuple[float, float]
    outside: tuple[float, float]
    distance: float  # Kolmogorov-Smirnov: the largest difference of the two distribution functions, in [0, 1]


def over_represented(chosen: np.ndarray, y: np.ndarray, names: Sequence[str]) -> list[Excess]:
    """Classes that are more frequent among the `chosen` `[N]` (bool) than by chance, the largest excess first.

    By the hypergeometric test at 1 % over all classes (Bonferroni).
    """
    from scipy.stats import hypergeom

    all_of, inside = np.bincount(y, minlength=len(names)), np.bincount(y[chosen], minlength=len(names))
    n, total = int(chosen.sum()), len(y)
    p = hypergeom.sf(inside - 1, total, all_of, n)  # of as many or more
    expected = n * all_of / max(1, total)
    found = np.flatnonzero((p < LEVEL / max(1, (all_of > 0).sum())) & (inside > expected))
    excess = [Excess(names[i], int(inside[i]), float(expected[i])) for i in found]
    return sorted(excess, key=lambda each: each.expected - each.n)


def shifted(chosen: np.ndarray, factors: Mapping[str, np.ndarray]) -> list[Shift]:
    """Numbers `[N]` that are distributed otherwise among the `chosen` `[N]` (bool), the most different first.

    By the two-sample test of Kolmogorov and Smirnov at 1 % over all numbers (Bonferroni).
    """
    from scipy.stats import ks_2samp

    if chosen.all() or not chosen.any():
        return []
    found = []
    for name, values in factors.items():
        inside, outside = values[chosen], values[~chosen]
        test = ks_2samp(inside, outside)
        if test.pvalue < LEVEL / len(factors):
            found.append(Shift(name, _middle(inside), _middle(outside), float(test.statistic)))
    return sorted(found, key=lambda each: -each.distance)


def _middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.25, 0.75])
    return float(low), float(high)


def is_number(values: np.ndarray) -> bool:
    """Whether a factor `[N]` is a number on a scale; words and a few whole numbers are classes."""
    if not np.issubdtype(values.dtype, np.number):
        return False
    return not np.issubdtype(values.dtype, np.integer) or len(np.unique(values)) > MANY
