"""A data set in memory: whole splits, and choices of rows that are the same at every size."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from explorer import Refused, choose

PROBE_ROWS, BANK_ROWS = 1000, 4000

Copies = dict[str, dict[str, np.ndarray]]  # by split and another split: rows, and their copies there, int64 [M, 2]


class Images(NamedTuple):
    """One split: images, or the rows of another kind of data."""

    x: np.ndarray  # [N, *shape]: uint8 pixels, int32 words, int16 sound; a memory map when it comes from the cache
    y: np.ndarray  # int64 [N]
    factors: dict[str, np.ndarray]  # what each image was drawn from, [N] each; empty for photographs


class LeftOut(NamedTuple):
    """A file that is not in the data set, and why."""

    path: str
    why: str


class Note(NamedTuple):
    """What was done to some images while they were read, or what is to be said of them."""

    text: str  # a sentence
    first: str = ""  # the file that it is said of first


@dataclass(frozen=True, eq=False)
class DataSet:
    """Images, or rows of another kind, with labels in the splits train, validation and test."""

    name: str
    title: str
    modality: str  # image, text, audio or video
    shape: tuple[int, ...]  # of one row
    classes: tuple[str, ...]
    hash: str  # hex, of rows and labels at this size
    source: str  # hex, the same at every size: the seed of every cut and every choice of rows
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[Note, ...] = ()  # on how its files were read
    splits: dict[str, Images] = field(default_factory=dict)
    words: tuple[str, ...] = ()  # of text: what each number stands for; an empty one fills a short text up
    rate: int = 0  # of sound, samples per second; of video, frames per second
    copies: Copies = field(default_factory=dict)  # between splits; of those that have none there is no entry

    @property
    def channels(self) -> int:
        """Colours of an image: 1 or 3; 0 where there are no images."""
        return self.shape[0] if self.modality == "image" else 0

    @property
    def size(self) -> int:
        """Height and width of an image in pixels; 0 where there are no images."""
        return self.shape[-1] if self.modality == "image" else 0

    @property
    def vocabulary(self) -> int:
        """How many different words there are."""
        return len(self.words)

    def kept(self, classes: Iterable[str] = ()) -> tuple[str, ...]:
        """The classes that a filter keeps, in its order: label k after `select` is the k-th. No filter keeps all."""
        names = {name: name for name in self.classes}
        try:
            return tuple(dict.fromkeys(choose("class", name, names) for name in classes)) or self.classes
        except Refused as error:
            if not any("," in name for name in names):
                raise
            raise Refused(f"{error}; on the command line, put names with commas in quotation marks") from None

    def select(
        self, split: str, classes: Iterable[str] = (), subset: int = 0, draw: int = 0
    ) -> tuple[Images, np.ndarray]:
        """The images of these classes (labels renumbered to `kept`), at most `subset` in balance; and their rows."""
        images = choose("split", split, self.splits)
        rows, y = self.chosen(split, classes, subset, draw)
        if len(rows) == len(images.y):
            return images._replace(y=y), rows
        factors = {name: values[rows] for name, values in images.factors.items()}
        return Images(np.asarray(images.x[rows]), y, factors), rows

    def chosen(
        self, split: str, classes: Iterable[str] = (), subset: int = 0, draw: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """The rows that `select` takes, ascending, and their labels; no image is read. Another `draw` takes others."""
        if subset < 0:
            raise Refused(f"subset {subset} is negative; give the number of images to keep, or 0 for all")
        images = choose("split", split, self.splits)
        kept = [self.classes.index(name) for name in self.kept(classes)]
        rows = np.flatnonzero(np.isin(images.y, kept))
        if 0 < subset < len(rows):
            address = f"subset/{split}/{draw}" if draw else f"subset/{split}"
            rows = rows[balanced(images.y[rows], subset, numpy_generator(self.source, address))]
        new = np.full(len(self.classes), -1, np.int64)
        new[kept] = np.arange(len(kept))
        return rows, new[images.y[rows]]

    def probe(self) -> tuple[np.ndarray, np.ndarray]:
        """At most 1,000 rows of validation and 4,000 of train (the kNN bank), balanced, the same for every run."""
        validation, train = self.splits["validation"].y, self.splits["train"].y
        return (
            balanced(validation, PROBE_ROWS, numpy_generator(self.source, "probe/validation")),
            balanced(train, BANK_ROWS, numpy_generator(self.source, "probe/train")),
        )


def numpy_generator(source: str, address: str) -> np.random.Generator:
    """A random generator that depends on the source of the data and on what it is for, on nothing else."""
    digest = hashlib.blake2b(f"{source}/{address}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


def balanced(y: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """At most n rows of y [N], ascending: a random one of each class in turn, so smaller choices lie inside larger."""
    turn = np.empty(len(y), np.int64)  # the round in which a row is taken
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        turn[rows] = np.arange(len(rows))
    return np.sort(np.lexsort((y, turn))[:n])
