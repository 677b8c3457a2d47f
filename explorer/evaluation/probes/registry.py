"""What a probe is, and the registry of them all. Torch-free: a page reads their titles."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Literal, NamedTuple

import numpy as np

from explorer import Registry

Better = Literal["higher", "lower"]
LEVELS = ("chance", "knn_chance")
TAKEN = frozenset(
    ("step", "epoch", "images", "watched", "loss", "rank", *LEVELS, "dim", "n_train", "n_test", "seconds")
)  # columns


class Features(NamedTuple):
    """The representation of some images, and their labels."""

    z: np.ndarray  # [N, D] float
    y: np.ndarray  # [N] int

    def take(self, rows: np.ndarray) -> "Features":
        """Those of some rows."""
        return Features(self.z[rows], self.y[rows])


Measure = Callable[[Features, Features], float]


class Probe:
    """One number that says what a representation is worth: `probe(bank, queries)`, from labelled images to others."""

    def __init__(
        self, measure: Measure, name: str, title: str, better: Better, live: bool, by_share: bool, accuracy: str
    ) -> None:
        update_wrapper(self, measure)  # its module and its docstring are the function's
        self.measure, self.name, self.title, self.better = measure, name, title, better
        self.live, self.by_share, self.accuracy = live, by_share, accuracy

    def __call__(self, bank: Features, queries: Features) -> float:
        """The number of the `queries`, whose labels are read off by the labelled `bank`."""
        return self.measure(bank, queries)

    def column(self, percent: int = 100) -> str:
        """The name of its number from a share of the labels, where several shares are asked."""
        return f"{self.name}_{percent}" if self.by_share else self.name

    def heading(self, percent: int = 100) -> str:
        """The title of that column."""
        return f"{self.title} {percent}%" if self.by_share else self.title


PROBES: Registry[Probe] = Registry("probe", "explorer.evaluation.probes")


def probe(
    name: str, title: str, better: Better = "higher", live: bool = False, by_share: bool = False, accuracy: str = ""
) -> Callable[[Measure], Probe]:
    """Registers a function as a probe; `name` is its column everywhere.

    `live` probes are also taken at every frame of a training, so they must be quick. Studies take those `by_share` from
    several shares of the labels, a column each. A number that is an `accuracy`, a share of the images, is called so and
    shown in percent. Raises if another probe or another number has the name.
    """
    if not name.isidentifier() or name in TAKEN:
        raise RuntimeError(f"a probe cannot be called '{name}': that is no name, or that of another number")

    def register(measure: Measure) -> Probe:
        new = Probe(measure, name, title, better, live, by_share, accuracy)
        PROBES.add(name, new)
        return new

    return register
