"""What a comparison has stored, as a page reads it: images ranked by what changed, cells of agreement and confusion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.data import DataSet
from explorer.runs import Run
from explorer.tasks.map_rows import SPLITS

RANKED = {  # what images are ranked by: the arrays that decide, the first before the second
    "neighbours": ("neighbours", "moved"),
    "alone": ("neighbours_alone", "moved_alone"),
    "moved": ("moved", "neighbours"),
}
CELLS = ("both", "first", "second", "none")  # of the agreement of two models


@dataclass(frozen=True)
class CompareResult:
    """A comparison of M models on N images; P pairs of models."""

    scores: Mapping[str, Any]  # as the command line answers
    arrays: Mapping[str, np.ndarray]

    @property
    def models(self) -> list[str]:
        """Their references, in the order in which they were named."""
        return [each["model"] for each in self.scores["models"]]

    @property
    def y(self) -> np.ndarray:
        """The classes `[N]`."""
        return self.arrays["y"]

    @property
    def rows(self) -> np.ndarray:
        """The rows `[N]` of their splits."""
        return self.arrays["rows"]

    @property
    def split(self) -> np.ndarray:
        """The splits `[N]` as numbers of `map_rows.SPLITS`."""
        return np.array([SPLITS.index(str(name)) for name in self.arrays["split"]], np.int8)

    def pairs(self) -> list[tuple[int, int]]:
        """Every two models, by their positions."""
        return [(int(a), int(b)) for a, b in self.arrays["pairs"]]

    def probes(self) -> list[str]:
        """The probes that have named classes."""
        return list(self.scores["models"][0]["probes"])

    def is_of(self, dataset: DataSet) -> bool:
        """Whether the data are still those that were compared."""
        names = self.arrays["split"]
        for name in np.unique(names):
            y, at = dataset.splits[str(name)].y, self.rows[names == name]
            if at.max(initial=-1) >= len(y) or (y[at] != self.y[names == name]).any():
                return False
        return True

    # ------------------------------------------------------------------------------------------ what has changed

    def ranked(self, pair: int, by: str, label: int | None = None) -> np.ndarray:
        """Positions of the images of a pair, those that changed most first; of one class where a `label` is given."""
        first, second = (self.arrays[name][pair] for name in RANKED[by])
        order = np.lexsort((-second, -first))
        return order if label is None else order[self.y[order] == label]

    def near(self, model: int, at: int) -> np.ndarray:
        """The nearest images of one, nearest first."""
        return self.arrays["near"][model, at]

    # ------------------------------------------------------------------------------------------ who is right

    def judged(self) -> np.ndarray:
        """Which images `bool [N]` are of a class that the probes know."""
        return self.arrays["judged"]

    def right(self, probe: str, model: int) -> np.ndarray:
        """Which images `bool [N]` a model names rightly."""
        return self.arrays[f"predicted_{probe}"][model] == self.y

    def agreement(self, probe: str, pair: int) -> dict[str, np.ndarray]:
        """Positions of the images that both name rightly, one alone, or none."""
        a, b = self.pairs()[pair]
        first, second, asked = self.right(probe, a), self.right(probe, b), self.judged()
        kept = (first & second, first & ~second, ~first & second, ~(first | second))
        return {name: np.flatnonzero(asked & it) for name, it in zip(CELLS, kept, strict=True)}

    def in_confusion(self, probe: str, model: int, row: int, column: int) -> np.ndarray:
        """Positions of the images of class `row` that a model takes for class `column`."""
        named = self.arrays[f"predicted_{probe}"][model]
        return np.flatnonzero(self.judged() & (self.y == row) & (named == column))

    # ------------------------------------------------------------------------------------------ what makes them alike

    def most_alike(self, measure: str, pair: int) -> np.ndarray:
        """Positions of all images, those that add most to a similarity first."""
        return np.argsort(-self.arrays[f"of_{measure}"][pair], kind="stable")


def read(run: Run) -> CompareResult | None:
    """The comparison of a job that is done; None where there is none. Raises `Refused` if it is damaged."""
    if run.status.state != "done":
        return None
    arrays, scores = run.result(), run.scores()
    return CompareResult(scores, arrays) if arrays and scores else None
