"""Who is right where: the images that both of two models name rightly, only one of them, or none; and if it matters."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from explorer.evaluation.paired import Paired, holm, paired
from explorer.evaluation.statistics import FEW

LEVEL = 0.05  # of significance, over all pairs that are asked together


class Cells(NamedTuple):
    """Positions of images, ascending, by who names them rightly."""

    both: np.ndarray
    first: np.ndarray  # the first alone
    second: np.ndarray
    none: np.ndarray


class Pair(NamedTuple):
    """Two models on the same images."""

    first: int  # position among the models
    second: int
    cells: Cells
    difference: Paired  # of their accuracies, with its interval and the exact p of McNemar's test
    p: float  # corrected by Holm for all pairs
    better: int | None  # the position of the better one; None: no difference was shown


def cells(first: np.ndarray, second: np.ndarray) -> Cells:
    """The four cells of what two models name rightly, `bool [N]` each."""
    return Cells(*map(np.flatnonzero, (first & second, first & ~second, ~first & second, ~(first | second))))


def pairs(right: Sequence[np.ndarray]) -> list[Pair]:
    """Every two of several models, from what each names rightly, `bool [N]` of the same images.

    McNemar 1947 in its exact form: of the images that one model alone names rightly, each falls to either with p = 1/2
    if they are equally good. No better one is named above the level, nor of fewer than 30 images.
    """
    couples = list(combinations(range(len(right)), 2))
    tested = [paired(right[a][None], right[b][None]) for a, b in couples]
    corrected = holm([each.p for each in tested])
    found = []
    for (a, b), difference, p in zip(couples, tested, corrected, strict=True):
        shown = p <= LEVEL and len(right[a]) >= FEW
        better = (a if difference.difference > 0 else b) if shown else None
        found.append(Pair(a, b, cells(right[a], right[b]), difference, p, better))
    return found
