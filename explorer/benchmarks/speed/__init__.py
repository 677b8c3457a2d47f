"""Speed: the same work done by this project and by a peer, in turn, so that anyone can repeat the comparison.

A comparison is one file in `comparisons/`. `python -m explorer.benchmarks.speed` runs all of them, or some.
"""

from explorer.benchmarks.speed.clock import Clock
from explorer.benchmarks.speed.comparison import COMPARISONS, Comparison, comparison

__all__ = ["COMPARISONS", "Clock", "Comparison", "comparison"]
