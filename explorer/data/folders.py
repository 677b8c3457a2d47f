"""Decode an image folder or a zip of class folders: every readable photograph once, straight into a file on disk."""

import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from explorer import Refused
from explorer.data.dataset import Images, LeftOut
from explorer.data.photos import decode_all
from explorer.data.places import Progress
from explorer.data.raw import DIGEST, Raw, on_disk
from explorer.data.trees import Reader, layout, legible, reader

REPORT = 200  # images between two progress reports


def read_folder(path: Path, size: int, scratch: Path, progress: Progress) -> Raw:
    """All splits of a folder or zip at one size; pixels go to files in `scratch`, so that memory holds a few images."""
    arranged = layout(path)
    if arranged.problem:
        raise Refused(arranged.problem)
    reading = _Reading(size, scratch, arranged.pictures, progress)
    with reader(path) as read, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of files that are left out here with a reason
        splits = {split: reading.split(read, split, files) for split, files in arranged.splits.items()}
    if not any(len(images.y) for images in splits.values()):
        raise Refused(
            f"no image of '{path.name}' can be read: the first is {reading.left_out[0].why}; put readable images there"
        )
    if not reading.coloured:
        splits = {split: images._replace(x=images.x[:, :1]) for split, images in splits.items()}
    marks = np.frombuffer(reading.marks["train"], DIGEST)
    return Raw(arranged.classes, splits, (*arranged.left_out, *reading.left_out), marks=marks)


class _Reading:
    """One pass over all splits: counts for the progress, collects what is left out, notices the first colour."""

    def __init__(self, size: int, scratch: Path, total: int, progress: Progress) -> None:
        self.size, self.scratch, self.total, self.progress = size, scratch, total, progress
        self.left_out: list[LeftOut] = []
        self.marks: dict[str, bytearray] = {}  # of the images of each split
        self.coloured = False
        self.position = 0

    def split(self, read: Reader, name: str, files: list[tuple[str, int]]) -> Images:
        """Decode one split; labels of what is left out are dropped with it."""
        labels: list[int] = []
        self.marks[name] = bytearray()
        pieces = self._pieces(read, files, labels, self.marks[name])
        x = on_disk(self.scratch / f"{name}.raw", pieces, (3, self.size, self.size))
        return Images(x, np.array(labels, np.int64), {})

    def _pieces(
        self, read: Reader, files: list[tuple[str, int]], labels: list[int], marks: bytearray
    ) -> Iterator[np.ndarray]:
        """The images that decode, [1, 3, H, W] each; their labels and marks are appended in step."""
        with closing(decode_all(read, [path for path, _ in files], self.size)) as decoded:
            for (path, label), photo in zip(files, decoded, strict=True):
                self._count()
                if isinstance(photo, str):
                    self.left_out.append(LeftOut(legible(path), photo))
                    continue
                self.coloured = self.coloured or not (photo.pixels == photo.pixels[:1]).all()
                labels.append(label)
                marks += photo.mark
                yield photo.pixels[None]

    def _count(self) -> None:
        if self.position % REPORT == 0:
            self.progress(self.position / self.total, f"decoding image {self.position + 1:,} of {self.total:,}")
        self.position += 1
