"""How the splits that a source lacks are cut from its training images: by class, and copies of one image together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from explorer import Refused
from explorer.data.copies import digests, groups
from explorer.data.dataset import Images, numpy_generator
from explorer.data.raw import Raw


class Part(NamedTuple):
    """Some rows of one of the source's splits."""

    images: Images
    rows: np.ndarray  # ascending


def complete(raw: Raw, source: str, name: str, together: bool = True) -> dict[str, Part]:
    """Train, validation, test: a lone validation split serves as test; what is missing is cut from train by class.

    Copies of one training image stay together, unless that is not asked for.
    """
    given = {split: Part(images, np.arange(len(images.y))) for split, images in raw.splits.items() if len(images.y)}
    if "test" not in given and "validation" in given:
        given["test"] = given.pop("validation")
    missing = [split for split in ("test", "validation") if split not in given]
    _enough(raw, name, least_of(raw.splits))
    copies = groups(_marks(raw)) if missing and together else []
    for split in missing:
        share, rng = getattr(raw, f"{split}_share"), numpy_generator(source, f"cut/{split}")
        given["train"], given[split] = _cut(given["train"], share, rng, copies)
    return {split: given[split] for split in ("train", "validation", "test")}


def least_of(splits: Mapping[str, Images]) -> int:
    """How many training images each class needs, so that there is one of it in every split that is cut."""
    given = sum(len(images.y) > 0 for split, images in splits.items() if split != "train")
    return 3 - min(2, given)


def is_changed_by_copies(raw: Raw, source: str, name: str, parts: dict[str, Part]) -> bool:
    """Whether these parts are others than they would be if no image had a copy."""
    apart = complete(raw, source, name, together=False)
    return any(not np.array_equal(part.rows, apart[split].rows) for split, part in parts.items())


def _marks(raw: Raw) -> np.ndarray:
    """What tells the training images apart at every size."""
    return raw.marks if len(raw.marks) else digests(raw.splits["train"].x)


def _cut(part: Part, share: float, rng: np.random.Generator, copies: list[np.ndarray]) -> tuple[Part, Part]:
    """(what stays, what is taken): the share of each class, at least one image of it, and no copy of what stays.

    In a random order each image is taken with all its copies, of whatever class, if no class then exceeds its share. A
    class of which nothing fits gives its smallest group of copies, if something of every class stays.
    """
    y = part.images.y[part.rows]
    sizes, families, taken = np.bincount(y).tolist(), _families(part, copies), _Taken(y)
    shares = [max(1, round(share * size)) for size in sizes]
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label)).tolist()
        groups_of_copies = (families.get(row, [row]) for row in rows)
        while taken.counts[label] < shares[label] and (group := next(groups_of_copies, None)):
            if taken.fits(group, shares):
                taken.add(group)
        if not taken.counts[label]:
            most = [size - 1 for size in sizes]
            taken.add(min((families[row] for row in rows if taken.fits(families[row], most)), key=len, default=[]))
    return Part(part.images, part.rows[~taken.mask]), Part(part.images, part.rows[taken.mask])


class _Taken:
    """The rows that a cut has taken so far, and how many of each class they are."""

    def __init__(self, y: np.ndarray) -> None:
        self.y, self.mask, self.counts = y.tolist(), np.zeros(len(y), bool), [0] * (int(y.max()) + 1)

    def fits(self, group: Sequence[int], most: Sequence[int]) -> bool:
        """Whether these rows can be taken too, with at most so many rows of each of their classes."""
        added = Counter(self.y[row] for row in group)
        return not self.mask[group[0]] and all(self.counts[label] + n <= most[label] for label, n in added.items())

    def add(self, group: Sequence[int]) -> None:
        """Take them."""
        for row in group:
            self.mask[row] = True
            self.counts[self.y[row]] += 1


def _families(part: Part, copies: list[np.ndarray]) -> dict[int, list[int]]:
    """For each place of a part that has copies in it, the places of all of them: none has been left behind before."""
    place = np.full(len(part.images.y), -1)
    place[part.rows] = np.arange(len(part.rows))
    groups = [place[rows].tolist() for rows in copies if place[rows[0]] >= 0]
    return {row: group for group in groups for row in group}


def _enough(raw: Raw, name: str, least: int) -> None:
    """Every class must reach every split that is cut."""
    counts = np.bincount(raw.splits["train"].y, minlength=len(raw.classes))
    if len(counts) and counts.min() >= least:
        return
    label = int(counts.argmin())
    have = f"class '{raw.classes[label]}' of '{name}' has {counts[label]} training images that can be read"
    if raw.left_out:
        have += f" ({len(raw.left_out)} files were left out, the first is {raw.left_out[0].why})"
    raise Refused(f"{have}; each class needs at least {least}: add images, or remove the folder of this class")
