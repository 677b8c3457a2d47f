"""One side of one comparison in a process of its own: `… worker NAME ours|peer SIZE` ends with one line of JSON."""

import json
import sys
from importlib.metadata import version

from explorer.benchmarks.speed import COMPARISONS, Clock
from explorer.benchmarks.speed.comparison import Row


def measure(name: str, side: str, size: int) -> Row:
    """What the work took, how much was done, and the versions of the packages that did it."""
    compared, clock = COMPARISONS.choose(name)(), Clock()
    answer = getattr(compared, side)(size, clock)
    packages = compared.packages if side == "peer" or not compared.installed else ()
    took = {"core_seconds": clock.core_seconds, "seconds": clock.seconds}
    return {**took, **answer, "versions": {package: version(package) for package in packages}}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
