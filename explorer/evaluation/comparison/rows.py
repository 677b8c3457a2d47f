"""Which images two sets of points have in common: by their rows in one data set, else by the images themselves."""

from typing import NamedTuple

import numpy as np

from explorer.errors import Refused

LEAST = 3  # images in common: fewer say nothing


class Rows(NamedTuple):
    """The images that points stand for."""

    data: str  # name of the data set, as a message calls it
    source: str  # its fingerprint, the same at every size
    split: np.ndarray  # [N] number or name of the split of each
    rows: np.ndarray  # [N] within its split
    marks: np.ndarray | None = None  # [N] digests of the images (`data.copies.digests`), where they are known


def common(first: Rows, second: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Positions `[M]` in the first and in the second of the images that both have, in the order of the first.

    Rows of one data set are the same image where split and row are. Images of two data sets are the same where their
    pixels are; one that occurs twice in either is left out, as nobody knows which is meant. Raises `Refused` where they
    have too few images in common.
    """
    if first.source == second.source:
        own, other = _keys(first), _keys(second)
    elif first.marks is not None and second.marks is not None:
        own, other = list(first.marks), list(second.marks)
    else:
        raise Refused(f"rows of {first.data} are not those of {second.data}: compare models on one data set")
    places, own_places = _places(other), _places(own)
    pairs = [(i, places[key]) for key, i in own_places.items() if key in places]
    if len(pairs) < LEAST:
        what = f"of {first.data} and {second.data} have" if first.data != second.data else f"of {first.data} have"
        n = f"{len(pairs)} in common" if pairs else "none in common"
        raise Refused(f"the images {what} {n}: compare models on the same images, at least {LEAST}")
    at = np.array(pairs, np.int64)
    return at[:, 0], at[:, 1]


def _keys(of: Rows) -> list[tuple]:
    return list(zip(of.split.tolist(), of.rows.tolist(), strict=True))


def _places(keys: list) -> dict:
    """Where each key stands, in their order; those that stand twice are left out."""
    places: dict = {}
    twice = set()
    for i, key in enumerate(keys):
        (twice.add(key) if key in places else places.setdefault(key, i))
    return {key: i for key, i in places.items() if key not in twice}
