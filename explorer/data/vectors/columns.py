"""The columns beside finished vectors: which of them are labels, which are names, and which are only carried along."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from explorer.errors import Refused, choose

LABELS = ("label", "labels", "class", "classes", "target", "category", "y")
NAMES = ("name", "names", "word", "title", "text", "token", "id", "file", "filename", "image")
FILES = ("file", "filename", "file name", "image", "picture", "path")  # what says which picture is whose
SPLIT = ("split", "partition", "subset")
OTHER = ("row", "index", "rows")  # numbers that are no part of a vector
MOST_CLASSES = 1000
MOST_LETTERS = 200  # of a text in a column
UNLABELLED = "all"  # the one class of vectors without labels


class Labels(NamedTuple):
    """The class of each row."""

    y: np.ndarray  # int64 [N]
    classes: tuple[str, ...]
    column: str  # which column they come from; "" = there are none


def is_aside(name: str, whole: bool = True) -> bool:
    """Whether a column of this name is no number of a vector, though it holds numbers, whole ones or not."""
    return whole and name.strip().lower() in (*LABELS, *NAMES, *SPLIT, *OTHER)


def labels(columns: Mapping[str, np.ndarray], rows: int, wanted: str = "") -> Labels:
    """The labels among columns `[N]` each: those of the column `wanted`, of one called so, or of one that sorts.

    A column sorts where its whole numbers or texts occur twice on average. Raises `Refused` where `wanted` has too many
    different values, or is no column.
    """
    if wanted:
        choose("column", wanted, columns)
        names, y = np.unique(_texts(columns[wanted]), return_inverse=True)
        if len(names) > MOST_CLASSES:
            rule = f"labels have at most {MOST_CLASSES:,}: name a column that sorts the rows into classes"
            raise Refused(f"the column '{wanted}' has {len(names):,} different values, and {rule}")
        return _in_order(names, y, wanted)
    for name in sorted(columns, key=lambda name: (name.strip().lower() not in LABELS, list(columns).index(name))):
        if name.strip().lower() in (*SPLIT, *OTHER) or not _sorts(columns[name], rows):
            continue
        return _in_order(*np.unique(_texts(columns[name]), return_inverse=True), name)
    return Labels(np.zeros(rows, np.int64), (UNLABELLED,), "")


def named(columns: Mapping[str, np.ndarray], label: str) -> str:
    """The column that names the rows: one that is called so, or the first text with mostly different values."""
    called = {name.strip().lower(): name for name in columns if name != label}
    for name in NAMES:
        if name in called:
            return called[name]
    texts = [name for name, it in columns.items() if it.dtype.kind == "U" and name != label]
    return next((name for name in texts if len(np.unique(columns[name])) > len(columns[name]) / 2), "")


def split_of(columns: Mapping[str, np.ndarray]) -> str:
    """The column that says which split a row belongs to; empty if there is none."""
    return next((name for name in columns if name.strip().lower() in SPLIT), "")


def _in_order(names: np.ndarray, y: np.ndarray, column: str) -> Labels:
    """Whole numbers in their order, texts in theirs."""
    words = names.tolist()
    if all(word.removeprefix("-").isdecimal() for word in words):
        order = sorted(range(len(words)), key=lambda i: int(words[i]))
        place = np.empty(len(words), np.int64)
        place[order] = np.arange(len(words))
        words, y = [words[i] for i in order], place[y]
    return Labels(y.reshape(-1).astype(np.int64), tuple(word or "(empty)" for word in words), column)


def _sorts(values: np.ndarray, rows: int) -> bool:
    whole = values.dtype.kind in "Uiub" or bool(np.all(np.isfinite(values)) and np.all(values == np.round(values)))
    return whole and 2 <= len(np.unique(values)) <= min(MOST_CLASSES, max(2, rows // 2))


def _texts(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind == "f" and np.all(np.isfinite(values)) and np.all(values == np.round(values)):
        values = values.astype(np.int64)
    return values.astype("U")


def tidy(values: np.ndarray) -> np.ndarray:
    """A column as it is kept: texts of at most 200 letters, whole numbers and numbers of 8 bytes."""
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError as error:
            why = f"texts in bytes are read as UTF-8, and these are not ({error.reason})"
            raise Refused(f"{why}: save them as texts, as values.astype(str)") from None
    if values.dtype.kind == "U":
        return values.astype(f"U{MOST_LETTERS}") if values.dtype.itemsize > 4 * MOST_LETTERS else values.astype("U")
    if values.dtype.kind in "iub":
        return values.astype(np.int64)
    return values.astype(np.float64)
