"""Which images a map shows: of validation in balance, with others where these are few or more are asked for."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.data import DISPLAYS, DataSet
from explorer.data.dataset import PROBE_ROWS, balanced, numpy_generator
from explorer.data.vectors import store
from explorer.errors import Refused

if TYPE_CHECKING:
    from explorer.models.model import Model

SPLITS = ("train", "validation", "test")  # by their numbers in a result
FEW = 100  # validation images: fewer are mapped together with training images
VALIDATION = SPLITS.index("validation")


class Rows(NamedTuple):
    """The images of a map."""

    rows: np.ndarray  # [N] of their splits
    split: np.ndarray  # int8 [N], numbers of `SPLITS`
    y: np.ndarray  # [N]
    notes: tuple[str, ...]


def choose_rows(dataset: DataSet, n: int, split: str = "auto", label: str = "") -> Rows:
    """At most n images in balance over classes; of one split, of all, or as `auto` has it.

    `auto` takes validation images: the probe set, and more of them for more points. Where there are fewer than a
    hundred, or fewer than a larger number that is asked for, training images are added, and that is said. Of finished
    vectors it takes all rows. `label` keeps one class alone.
    """
    if split == "auto" and store.find(dataset.name):
        split = "all"
    if split != "auto":
        parts = SPLITS if split == "all" else (split,)
        return _drawn(dataset, n, [_all_of(dataset, part) for part in parts], label)
    rows, many = dataset.probe()[0], DISPLAYS[dataset.modality].many
    validation = len(dataset.splits["validation"].y)
    if validation < FEW or n > max(validation, PROBE_ROWS):
        both = _drawn(dataset, n, [_all_of(dataset, "validation"), _all_of(dataset, "train")], label, first=True)
        added = int((both.split != VALIDATION).sum())
        of = f"{len(both.rows) - added:,} {many} are of validation and {added:,} of training"
        why = "as there are few of validation" if validation < FEW else "as there are no more of validation"
        return both._replace(notes=(f"{of}, {why}",) if added else ())
    probed = (rows, VALIDATION) if n <= len(rows) and not label else _all_of(dataset, "validation")
    return _drawn(dataset, n, [probed], label)


def available(dataset: DataSet, n: int, split: str = "auto", label: str = "") -> int:
    """How many points a map of n will have; no feature is read."""
    return len(choose_rows(dataset, n, split, label).rows)


def features(model: "Model", dataset: DataSet, chosen: Rows) -> np.ndarray:
    """The model's features `[N, D]` of these images."""
    parts = {number: chosen.split == number for number in np.unique(chosen.split)}
    found = {number: model.features(dataset, SPLITS[number], chosen.rows[at]) for number, at in parts.items()}
    if len(found) == 1:
        return next(iter(found.values()))
    together = np.empty((len(chosen.rows), next(iter(found.values())).shape[1]), np.float32)
    for number, at in parts.items():
        together[at] = found[number]
    return together


def _all_of(dataset: DataSet, split: str) -> tuple[np.ndarray, int]:
    return np.arange(len(dataset.splits[split].y)), SPLITS.index(split)


def _drawn(dataset: DataSet, n: int, parts: list[tuple[np.ndarray, int]], label: str, first: bool = False) -> Rows:
    """n of the rows of several splits in balance; with `first` all of the first split before any of another."""
    rows = np.concatenate([rows for rows, _ in parts])
    split = np.concatenate([np.full(len(rows), number, np.int8) for rows, number in parts])
    y = np.concatenate([dataset.splits[SPLITS[number]].y[rows] for rows, number in parts])
    if label:
        kept = np.isin(y, [dataset.classes.index(name) for name in dataset.kept([label])])
        rows, split, y = rows[kept], split[kept], y[kept]
        if not len(rows):
            raise Refused(f"there are no images of the class '{label}' here: choose another class, or all splits")
    generator = numpy_generator(dataset.source, "map")
    own = int((split == parts[0][1]).sum()) if first else len(y)
    at = balanced(y[:own], n, generator)
    if own < n and own < len(y):
        at = np.concatenate([at, own + balanced(y[own:], n - own, generator)])
    return Rows(rows[at], split[at], np.asarray(y[at]), ())
