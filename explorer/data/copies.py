"""Copies of one image: rows that are equal to the last byte, within a split and between splits.

Only digests are compared: 16 bytes for each row, found piece by piece.
"""

import hashlib
from collections.abc import Callable, Mapping

import numpy as np

from explorer import choose
from explorer.data.dataset import Copies, DataSet, Images
from explorer.data.raw import DIGEST, chunks, uncounted

PAIRS = (("validation", "train"), ("test", "train"), ("test", "validation"))  # a split, and one that it should not meet


def digest(row: np.ndarray) -> bytes:
    """Equal for rows of equal bytes alone."""
    return hashlib.blake2b(np.ascontiguousarray(row), digest_size=DIGEST.itemsize).digest()


def digests(x: np.ndarray, count: Callable[[int], None] = uncounted) -> np.ndarray:
    """The digests `[N]` of the rows of x `[N, ...]`; `count` hears of rows handled."""
    pieces = ([digest(row) for row in piece] for piece in chunks(x, count=count))
    return np.concatenate([np.array(of, DIGEST) for of in pieces] or [np.empty(0, DIGEST)])


def groups(marks: np.ndarray) -> list[np.ndarray]:
    """Rows of equal digests `[N]`, each group ascending, ordered by their first row; none of a single row."""
    _, label, counts = np.unique(marks, return_inverse=True, return_counts=True)
    rows = np.flatnonzero(counts[label] > 1)
    if not len(rows):
        return []
    rows = rows[np.argsort(label[rows], kind="stable")]
    parts = np.split(rows, np.flatnonzero(np.diff(label[rows])) + 1)
    return sorted(parts, key=lambda part: part[0])


def between(splits: Mapping[str, Images], marks: Mapping[str, np.ndarray]) -> Copies:
    """By split and by another that has some of its images: those rows and their copies there, `[M, 2]`.

    Of several copies the first is named, but one of the same label before all others.
    """
    found: Copies = {}
    for own, other in PAIRS:
        labels = splits[own].y, splits[other].y
        if len(pairs := _pairs(marks[own], marks[other], *labels)):
            found.setdefault(own, {})[other] = pairs
    return found


def duplicates(dataset: DataSet, split: str) -> list[np.ndarray]:
    """Groups of rows of one split whose pixels are equal, each group ascending, ordered by their first row."""
    return groups(digests(choose("split", split, dataset.splits).x))


def _pairs(own: np.ndarray, other: np.ndarray, own_y: np.ndarray, other_y: np.ndarray) -> np.ndarray:
    """Rows of `own` whose digest `other` has, and the row of each there, `[M, 2]`."""
    _, numbers = np.unique(np.concatenate([own, other]), return_inverse=True)
    mine, theirs = numbers[: len(own)], numbers[len(own) :]
    classes = 1 + max(own_y.max(initial=0), other_y.max(initial=0))
    alike = _first(mine * classes + own_y, theirs * classes + other_y)
    partner = np.where(alike < 0, _first(mine, theirs), alike)
    rows = np.flatnonzero(partner >= 0)
    return np.stack([rows, partner[rows]], 1)


def _first(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """For each of `mine` the first place of the same number in `theirs`; -1 where there is none."""
    known, place = np.unique(theirs, return_index=True)
    if not len(known):
        return np.full(len(mine), -1)
    at = np.searchsorted(known, mine).clip(max=len(known) - 1)
    return np.where(known[at] == mine, place[at], -1)
