"""How long a map will take, before it is computed."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log
from statistics import median
from typing import NamedTuple

START = 1.5  # seconds until a job's process has begun and has its features
COMPILATION = 10.0  # seconds, once on each machine: UMAP is compiled before its first map
# Core-seconds of all that a map's job computes, by points: of Fashion-MNIST through the 192 features of
# `garments-simclr`, on an AMD EPYC, one thread, 2026-11-28. The rows are in checkpoints/results/maps.jsonl; `make
# bench-maps` measures them anew. A map in space that is not here costs what it does on a plane. What a machine's own
# maps took brings them to it.
COST: Mapping[tuple[str, int], Mapping[int, float]] = {
    ("pca", 2): {500: 0.193, 2_000: 0.591, 10_000: 4.34, 60_000: 22.8},
    ("kernel_pca", 2): {500: 0.185, 2_000: 0.678, 5_000: 2.19},
    ("lle", 2): {500: 0.217, 2_000: 0.809, 5_000: 2.55},
    ("isomap", 2): {500: 0.232, 2_000: 1.26, 5_000: 6.33},
    ("tsne", 2): {500: 1.03, 2_000: 5.16, 10_000: 34.4, 60_000: 119.0},
    ("tsne", 3): {500: 1.32, 2_000: 7.83},
    ("umap", 2): {500: 0.488, 2_000: 2.04, 10_000: 11.7, 60_000: 75.6},
}
UNKNOWN = {500: 0.5, 1_000: 2.0}  # a projection that has not been measured
RECENT = 5  # maps of a projection that tell how fast a machine is


class Measured(NamedTuple):
    """A map that was computed on this machine."""

    how: str
    n: int
    seconds: float  # of the whole job
    dims: int = 2


def seconds(how: str, n: int, measured: Sequence[Measured] = (), dims: int = 2) -> float:
    """Seconds until a map of `n` points stands, on a machine that has taken so long for others, newest first.

    Maps of the same projection tell most; without any, all others tell how fast the machine is.
    """
    same = [each for each in measured if each.how == how]
    ratios = [each.seconds / _expected(each.how, each.n, each.dims) for each in (same or measured)[:RECENT]]
    first = COMPILATION if how == "umap" and not same else 0.0
    return _expected(how, n, dims) * (median(ratios) if ratios else 1.0) + first


def _expected(how: str, n: int, dims: int) -> float:
    return START + _between(COST.get((how, dims)) or COST.get((how, 2)) or UNKNOWN, n)


def _between(known: Mapping[int, float], n: int) -> float:
    """A power of n from one measured number of points to the next; beyond the ends the nearest such power goes on."""
    pieces = list(pairwise(known))
    low, high = pieces[min(max(bisect(list(known), n) - 1, 0), len(pieces) - 1)]
    power = log(known[high] / known[low]) / log(high / low)
    return known[low] * (n / low) ** power
