"""How long a map will take, before it is computed."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

START = 1.5  # seconds until a job's process has begun and has its features
COMPILATION = 10.0  # seconds, once on each machine: UMAP is compiled before its first map
# Core-seconds of 1,000 points with 64 features in ten clusters, and the power of n by which they grow; measured with
# 500, 1,000 and 2,000 points. They are brought to a machine by what its own maps took.
COST = {
    "pca": (0.05, 1.0),
    "kernel_pca": (0.03, 2.0),
    "lle": (0.13, 1.9),
    "isomap": (0.27, 2.0),
    "tsne": (1.6, 1.35),
    "umap": (0.73, 1.2),
}
UNKNOWN = (1.0, 2.0)  # a projection that has not been measured
RECENT = 5  # maps of a projection that tell how fast a machine is


class Measured(NamedTuple):
    """A map that was computed on this machine."""

    how: str
    n: int
    seconds: float  # of the whole job


def seconds(how: str, n: int, measured: Sequence[Measured] = ()) -> float:
    """Seconds until a map of `n` points stands, on a machine that has taken so long for others, newest first.

    Maps of the same projection tell most; without any, all others tell how fast the machine is.
    """
    same = [each for each in measured if each.how == how]
    ratios = [each.seconds / _expected(each.how, each.n) for each in (same or measured)[:RECENT]]
    first = COMPILATION if how == "umap" and not same else 0.0
    return _expected(how, n) * (median(ratios) if ratios else 1.0) + first


def _expected(how: str, n: int) -> float:
    at_1000, power = COST.get(how, UNKNOWN)
    return START + at_1000 * (n / 1000) ** power
