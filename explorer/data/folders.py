"""Decode an image folder or a zip of class folders: every readable photograph once, straight into a file on disk."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer import Refused
from explorer.data.conversions import Conversions
from explorer.data.dataset import Images, LeftOut
from explorer.data.layouts import Layout
from explorer.data.names import legible
from explorer.data.photos import GivenUp, Picture, decode_all
from explorer.data.places import Progress, check_room
from explorer.data.raw import DIGEST, Raw, chunks, on_disk
from explorer.data.splitting import least_of
from explorer.data.trees import Reader, layout, reader

REPORT = 200  # images between two progress reports
MOST_GIVEN_UP = 20  # files that use up what a decoder may take: each of them costs seconds


def read_folder(path: Path, size: int, scratch: Path, progress: Progress) -> Raw:
    """All splits of a folder or zip at one size; pixels go to files in `scratch`, so that memory holds a few images."""
    arranged = layout(path)
    if arranged.problem:
        raise Refused(arranged.problem)
    title = legible(path.name)
    # the pixels are there twice for a moment
    check_room(scratch, 2 * arranged.pictures * 3 * size**2, f"'{title}' at {size} × {size} pixels")
    reading = _Reading(title, size, scratch, arranged.pictures, progress)
    with reader(path) as read:
        splits = {split: reading.split(read, split, files) for split, files in arranged.splits.items()}
        reading.even_out(read, splits)
    if not any(len(images.y) for images in splits.values()):
        raise Refused(
            f"no image of '{title}' can be read: the first is {reading.left_out[0].why}; put readable images there"
        )
    if not reading.coloured:
        splits = {split: images._replace(x=images.x[:, :1]) for split, images in splits.items()}
    total = sum(len(images.y) for images in splits.values())
    notes = (*arranged.notes, *reading.conversions.said(total))
    marks = np.frombuffer(reading.marks["train"], DIGEST)
    raw = Raw(arranged.classes, splits, (*arranged.left_out, *reading.left_out), marks=marks, notes=notes)
    return _without_small(raw, arranged, scratch)


class _Deep(NamedTuple):
    """An image of more than 8 bits."""

    split: str
    row: int
    path: str
    bits: int
    stored: int
    notes: tuple[str, ...]


class _Reading:
    """One pass over all splits: counts for the progress, collects what is left out, notices the first colour."""

    def __init__(self, title: str, size: int, scratch: Path, total: int, progress: Progress) -> None:
        self.title, self.size, self.scratch, self.total, self.progress = title, size, scratch, total, progress
        self.left_out: list[LeftOut] = []
        self.conversions = Conversions()
        self.marks: dict[str, bytearray] = {}  # of the images of each split
        self.deep: list[_Deep] = []
        self.coloured = False
        self.position = self.given_up = 0

    def split(self, read: Reader, name: str, files: list[tuple[str, int]]) -> Images:
        """Decode one split; labels of what is left out are dropped with it."""
        labels: list[int] = []
        self.marks[name] = bytearray()
        x = on_disk(self.scratch / f"{name}.raw", self._pieces(read, name, files, labels), (3, self.size, self.size))
        return Images(x, np.array(labels, np.int64), {})

    def even_out(self, read: Reader, splits: dict[str, Images]) -> None:
        """One range for all greys that are stored alike: those whose own values say a smaller one are read again."""
        for stored in sorted({it.stored for it in self.deep}):
            self._even_out(read, splits, [it for it in self.deep if it.stored == stored])

    def _even_out(self, read: Reader, splits: dict[str, Images], deep: list[_Deep]) -> None:
        bits = max(it.bits for it in deep)
        low = [it for it in deep if it.bits < bits]
        again = decode_all(read, [it.path for it in low], self.size, bits) if low else ()
        notes = {it: it.notes for it in deep}
        for it, picture in zip(low, again, strict=True):
            if not isinstance(picture, Picture):  # of what is stored of it already there is no way back
                raise Refused(f"'{legible(it.path)}' of '{self.title}' was changed while it was read: open it again")
            shape = splits[it.split].x.shape
            stored = np.memmap(self.scratch / f"{it.split}.raw", np.uint8, "r+", shape=shape)
            stored[it.row] = picture.pixels
            stored.flush()
            notes[it] = picture.notes
        for it, noted in notes.items():
            self.conversions.add(noted, legible(it.path), bits)

    def _pieces(
        self, read: Reader, split: str, files: list[tuple[str, int]], labels: list[int]
    ) -> Iterator[np.ndarray]:
        """The images that decode, [1, 3, H, W] each; their labels and marks are appended in step."""
        with closing(decode_all(read, [path for path, _ in files], self.size)) as decoded:
            for (path, label), photo in zip(files, decoded, strict=True):
                self._count()
                if isinstance(photo, str):
                    self._leave_out(legible(path), photo)
                    continue
                self.coloured = self.coloured or not (photo.pixels == photo.pixels[:1]).all()
                if photo.bits:
                    self.deep.append(_Deep(split, len(labels), path, photo.bits, photo.stored, photo.notes))
                else:
                    self.conversions.add(photo.notes, legible(path))
                labels.append(label)
                self.marks[split] += photo.mark
                yield photo.pixels[None]

    def _leave_out(self, path: str, why: str) -> None:
        self.left_out.append(LeftOut(path, why))
        self.given_up += isinstance(why, GivenUp)
        if self.given_up > MOST_GIVEN_UP:
            has = f"more than {MOST_GIVEN_UP} files of '{self.title}' take too long or too much memory to decode"
            raise Refused(f"{has}, the last is {path}: save them once more, or remove them")

    def _count(self) -> None:
        if self.position % REPORT == 0:
            self.progress(self.position / self.total, f"decoding image {self.position + 1:,} of {self.total:,}")
        self.position += 1


def _without_small(raw: Raw, arranged: Layout, scratch: Path) -> Raw:
    """Without the classes that have too few training images for every split, while two others are left."""
    least = least_of(raw.splits)
    counts = np.bincount(raw.splits["train"].y, minlength=len(raw.classes))
    kept = np.flatnonzero(counts >= least)
    if len(kept) in (len(counts), 0, 1):
        return raw  # the cut says what is wrong with it
    new = np.full(len(counts), -1, np.int64)
    new[kept] = np.arange(len(kept))
    known = {out.path for out in raw.left_out}
    small = [
        LeftOut(legible(path), _too_few(raw.classes[label], int(counts[label]), least))
        for files in arranged.splits.values()
        for path, label in files
        if new[label] < 0 and legible(path) not in known
    ]
    marks = raw.marks[new[raw.splits["train"].y] >= 0]
    splits = {split: _taken(images, new[images.y], scratch / f"{split}.kept") for split, images in raw.splits.items()}
    classes = tuple(raw.classes[label] for label in kept)
    return raw._replace(classes=classes, splits=splits, left_out=(*raw.left_out, *small), marks=marks)


def _taken(images: Images, y: np.ndarray, path: Path) -> Images:
    """The images whose new label is 0 or more."""
    rows = np.flatnonzero(y >= 0)
    return Images(on_disk(path, chunks(images.x, rows), images.x.shape[1:]), y[rows], {})


def _too_few(name: str, n: int, least: int) -> str:
    have = f"{n} training image{'s' * (n != 1)} that can be read"
    return f"an image of class '{name}', which has {have}; each class needs at least {least}"
