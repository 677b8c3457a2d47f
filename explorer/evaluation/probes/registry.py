"""What a probe is, and the registry of them all. Torch-free: a page reads their titles."""

from collections.abc import Callable, Iterator
from functools import update_wrapper
from typing import Literal, NamedTuple

import numpy as np

from explorer import Registry

Better = Literal["higher", "lower"]
LEVELS = ("chance", "knn_chance")
BESIDE = ("majority_share", "balanced_accuracy", "per_class", "caveats")
TAKEN = frozenset(
    ("step", "epoch", "images", "watched", "loss", "rank", *LEVELS, "dim", "n_train", "n_test", "seconds", *BESIDE)
)  # columns


PART = 500  # images of which features that are computed on demand are held at once


class Features(NamedTuple):
    """The representation of some images, and their labels."""

    z: np.ndarray  # [N, D] float; of queries maybe computed on demand, where a slice is asked for: take them by `parts`
    y: np.ndarray  # [N] int

    def parts(self) -> Iterator["Features"]:
        """All of them in their order, some at a time."""
        for start in range(0, len(self.y), PART):
            yield self.take(slice(start, start + PART))

    def take(self, rows: np.ndarray | slice) -> "Features":
        """Those of some rows."""
        return Features(self.z[rows], self.y[rows])


class Measured(NamedTuple):
    """What a probe has found: its number, and the class of each query `[Q]`, if it is one that names classes."""

    value: float
    predicted: np.ndarray | None = None


Measure = Callable[[Features, Features], float | np.ndarray]


class Probe:
    """One number that says what a representation is worth: `probe(bank, queries)`, from labelled images to others.

    A function that returns the class of each query is a classifier: its number is the accuracy.
    """

    def __init__(
        self, measure: Measure, name: str, title: str, better: Better, live: bool, by_share: bool, accuracy: str,
        in_parts: bool = False,
    ) -> None:  # fmt: skip
        update_wrapper(self, measure)  # its module and its docstring are the function's
        self.measure, self.name, self.title, self.better = measure, name, title, better
        self.live, self.by_share, self.accuracy, self.in_parts = live, by_share, accuracy, in_parts

    def __call__(self, bank: Features, queries: Features) -> float:
        """The number of the `queries`, whose labels are read off by the labelled `bank`."""
        return self.measured(bank, queries).value

    def measured(self, bank: Features, queries: Features) -> Measured:
        """The same, with the classes that were named, if it names any."""
        found = self.measure(bank, queries if self.in_parts else queries._replace(z=np.asarray(queries.z)))
        if np.ndim(found) == 0:
            return Measured(float(found))
        return Measured(float((found == queries.y).mean()), found)

    def column(self, percent: int = 100) -> str:
        """The name of its number from a share of the labels, where several shares are asked."""
        return f"{self.name}_{percent}" if self.by_share else self.name

    def heading(self, percent: int = 100) -> str:
        """The title of that column."""
        return f"{self.title} {percent}%" if self.by_share else self.title


PROBES: Registry[Probe] = Registry("probe", "explorer.evaluation.probes")


def probe(
    name: str, title: str, better: Better = "higher", live: bool = False, by_share: bool = False, accuracy: str = "",
    in_parts: bool = False,
) -> Callable[[Measure], Probe]:  # fmt: skip
    """Registers a function as a probe; `name` is its column everywhere.

    The function returns a number, or the class of each query `[Q]`: the number is then their accuracy, and balanced
    accuracy and the recall of each class come with it.
    `live` probes are also taken at every frame of a training, so they must be quick. Studies take those `by_share` from
    several shares of the labels, a column each. A number that is an `accuracy`, a share of the images, is called so and
    shown in percent. One that goes through its queries `in_parts` is given features that are computed on demand where
    all of them would be large; others are given an array. Raises if another probe or another number has the name.
    """
    if not name.isidentifier() or name in TAKEN:
        raise RuntimeError(f"a probe cannot be called '{name}': that is no name, or that of another number")

    def register(measure: Measure) -> Probe:
        new = Probe(measure, name, title, better, live, by_share, accuracy, in_parts)
        PROBES.add(name, new)
        return new

    return register
