"""Which images several models have in common, and the features of each: also of vectors that lie in other data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer import data
from explorer.data import copies
from explorer.data.dataset import balanced, numpy_generator
from explorer.data.vectors import store
from explorer.errors import Refused
from explorer.evaluation.comparison import rows
from explorer.models.reference import ModelRef
from explorer.tasks import map_rows
from explorer.tasks.map_rows import SPLITS, Rows

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model

PICTURES, NAMES, PLACES = "their pictures", "the names of their rows", "their places in the file"
HOW = (PICTURES, NAMES, PLACES)  # rows of two sets are found to be the same image, the surest first


class Every(NamedTuple):
    """All rows of a data set, one split after another."""

    split: np.ndarray  # int8 [A] numbers of `map_rows.SPLITS`
    rows: np.ndarray  # [A]
    y: np.ndarray  # [A]
    first: np.ndarray  # [3] where each split begins

    @classmethod
    def of(cls, dataset: DataSet) -> Every:
        """Of this data set."""
        sizes = [len(dataset.splits[name].y) for name in SPLITS]
        split = np.repeat(np.arange(len(SPLITS), dtype=np.int8), sizes)
        at = np.concatenate([np.arange(n) for n in sizes])
        y = np.concatenate([dataset.splits[name].y for name in SPLITS])
        return cls(split, at, y, np.cumsum([0, *sizes[:-1]]))

    def positions(self, split: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Where rows `at` `[N]` of splits `[N]` stand."""
        return self.first[split] + at


class Source(NamedTuple):
    """Where the features of a model come from: the compared rows, or those of another set that are the same images."""

    model: Model
    dataset: DataSet
    places: np.ndarray | None = None  # [A] of each compared row its position in the other set, or -1

    def features(self, every: Every, split: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Features `[N, D]` of rows `at` `[N]` of splits `[N]` of the compared data set."""
        if self.places is not None:
            own, found = Every.of(self.dataset), self.places[every.positions(split, at)]
            split, at = own.split[found], own.rows[found]
        return map_rows.features(self.model, self.dataset, Rows(at, split, at, ()))


def is_elsewhere(ref: ModelRef, dataset: str) -> bool:
    """Whether the features of a model are those of the rows of another data set."""
    return bool(ref.own_data) and ref.own_data != dataset


def source(ref: str, dataset: DataSet) -> tuple[Source, str]:
    """Where its features come from, and how its rows were found where they lie elsewhere; raises `Refused`."""
    from explorer.models import loading

    parsed = ModelRef.parse(ref)
    if not is_elsewhere(parsed, dataset.name):
        return Source(loading.load(ref, dataset), dataset), ""
    other = data.load(parsed.own_data)
    mine, theirs, how = common(dataset, other)
    places = np.full(len(Every.of(dataset).y), -1)
    places[mine] = theirs
    n = f"{len(mine):,} of the {len(places):,} rows of {dataset.name} are rows of {other.name}"
    return Source(loading.load(ref, other), other, places), f"{n}, as {how} say"


def common(first: DataSet, second: DataSet) -> tuple[np.ndarray, np.ndarray, str]:
    """Positions `[M]` among all rows of both that are the same image, and what says so; raises `Refused`."""
    for how in HOW:
        marks = [_marks(each, how) for each in (first, second)]
        if any(each is None for each in marks):
            continue
        asked = [_rows(each, mark) for each, mark in zip((first, second), marks, strict=True)]
        mine, theirs = rows.common(*asked)
        if how == PLACES:
            _check_places(first, second, mine, theirs)
        return mine, theirs, how
    raise _nothing_in_common(first.name, second.name)


def _nothing_in_common(first: str, second: str) -> Refused:
    mend = "give both pictures or a column of names, or compare files of as many rows in the same order"
    return Refused(f"nothing says which rows of {first} and {second} are the same: {mend}")


def _rows(dataset: DataSet, marks: np.ndarray) -> rows.Rows:
    every = Every.of(dataset)
    return rows.Rows(dataset.name, dataset.source, every.split, every.rows, marks)


def _marks(dataset: DataSet, how: str) -> np.ndarray | None:
    """What tells each row `[A]` from others, in the order of `Every`; None where there is no such thing."""
    parts = [dataset.splits[name] for name in SPLITS]
    if how == PICTURES:
        return np.concatenate([copies.digests(part.x) for part in parts]) if dataset.modality == "image" else None
    column = store.NAME if how == NAMES else store.FILE_ROW
    if any(column not in part.factors for part in parts):
        return None
    marks = np.concatenate([np.asarray(part.factors[column]).astype("U") for part in parts])
    return np.char.add(f"{_length(dataset.name)} rows, ", marks) if how == PLACES else marks


def _length(name: str) -> int:
    """The rows of the file that vectors were read from, those that were left out among them."""
    stored = store.find(name)
    return stored.rows + len(stored.left_out) if stored else 0


def _check_places(first: DataSet, second: DataSet, mine: np.ndarray, theirs: np.ndarray) -> None:
    """Raises `Refused` where rows at the same place have other labels: they are not the same images."""
    if min(len(first.classes), len(second.classes)) < 2:
        return
    labels = [np.array(of.classes)[Every.of(of).y[at]] for of, at in ((first, mine), (second, theirs))]
    if (other := int((labels[0] != labels[1]).sum())) > 0:
        wrong = f"{other:,} of {len(mine):,} rows of {first.name} and {second.name} have other labels at the same place"
        raise Refused(f"{wrong}: they are not the same images; give both a column of names")


def may_be_common(own: str, dataset: str) -> bool:
    """Whether anything may say which rows of these vectors are rows of a data set; no row is read."""
    mine, entry = store.find(own), data.catalogue().get(dataset)
    if mine is None or entry is None:
        return False
    if mine.image and entry.modality == "image":
        return True
    other = store.find(dataset)
    named = other is not None and store.NAME in mine.columns and store.NAME in other.columns
    return named or (other is not None and _length(own) == _length(dataset))


def choose(dataset: DataSet, n: int, split: str, sources: Sequence[Source]) -> tuple[Rows, np.ndarray | None]:
    """At most n images that all have, as a map chooses them; and which of all rows `bool [A]` all have, None for any.

    Raises `Refused` where too few are left.
    """
    elsewhere = [each.places >= 0 for each in sources if each.places is not None]
    if not elsewhere:
        return map_rows.choose_rows(dataset, n, split), None
    every, there = Every.of(dataset), np.logical_and.reduce(elsewhere)
    chosen = map_rows.choose_rows(dataset, len(every.y), "all" if split == "auto" else split)
    at = np.flatnonzero(there[every.positions(chosen.split, chosen.rows)])
    if len(at) < rows.LEAST:
        raise Refused(f"the models have {len(at)} rows in common: compare at least {rows.LEAST}")
    at = at[balanced(chosen.y[at], n, numpy_generator(dataset.source, "compare"))]
    return Rows(chosen.rows[at], chosen.split[at], chosen.y[at], chosen.notes), there
