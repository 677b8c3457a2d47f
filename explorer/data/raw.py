"""What a source hands over before it is cached, and what identifies it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.data.dataset import Images, LeftOut, Note

PIECE = 8_000_000  # bytes
DIGEST = np.dtype("S16")  # of one row
TEST_SHARE, VALIDATION_SHARE = 0.2, 0.1


class Raw(NamedTuple):
    """Decoded images, or rows of another kind, as a source splits them: train, and maybe validation and test."""

    classes: tuple[str, ...]
    splits: dict[str, Images]
    left_out: tuple[LeftOut, ...] = ()
    test_share: float = TEST_SHARE  # of all, where the source has no test split
    validation_share: float = VALIDATION_SHARE  # of the training images, where it has no validation split
    original: str = ""  # the content hash before resizing, where the source has a size of its own
    marks: np.ndarray = np.empty(0, DIGEST)  # of the training rows, the same at every size; empty: their digests
    modality: str = "image"
    words: tuple[str, ...] = ()  # of text: what each number stands for
    rate: int = 0  # of sound, samples per second; of video, frames per second
    notes: tuple[Note, ...] = ()


def uncounted(rows: int) -> None:
    """Nobody wants to know how many rows were handled."""


def chunks(
    x: np.ndarray, rows: np.ndarray | None = None, count: Callable[[int], None] = uncounted
) -> Iterator[np.ndarray]:
    """Rows x [N, ...] (or these of them) in pieces that fit into memory; `count` hears of each that was handled."""
    rows = np.arange(len(x)) if rows is None else rows
    step = max(1, PIECE // max(1, x[:1].nbytes))
    for start in range(0, len(rows), step):
        yield np.ascontiguousarray(x[rows[start : start + step]])
        count(len(rows[start : start + step]))


def on_disk(path: Path, pieces: Iterable[np.ndarray], shape: tuple[int, int, int]) -> np.ndarray:
    """Write uint8 pieces [n, C, H, W] one after another into a file, and map it: [N, C, H, W] larger than memory."""
    n = 0
    with path.open("wb") as out:  # plain writes: a full disk is then an error, where a memory map would end the process
        for piece in pieces:
            out.write(np.ascontiguousarray(piece))
            n += len(piece)
    return np.memmap(path, np.uint8, "r", shape=(n, *shape)) if n else np.empty((0, *shape), np.uint8)


def content_hash(raw: Raw, count: Callable[[int], None] = uncounted) -> str:
    """Hex digest of all rows and labels before anything is cut, and of what the rows mean, where they are no images."""
    digest = hashlib.blake2b(digest_size=16)
    if raw.modality != "image":
        digest.update(repr((raw.modality, raw.words, raw.rate)).encode())
    for name, images in sorted(raw.splits.items()):
        digest.update(f"{name} {images.x.shape}".encode())
        digest.update(np.ascontiguousarray(images.y, np.int64))
        for piece in chunks(images.x, count=count):
            digest.update(piece)
    return digest.hexdigest()


def source_hash(raw: Raw) -> str:
    """Hex digest that no resizing changes: of the original pixels where they have one size, else of the labels."""
    if raw.original:
        return raw.original
    if raw.modality != "image":  # it has no sizes
        return content_hash(raw)
    digest = hashlib.blake2b(digest_size=16)
    for name, images in sorted(raw.splits.items()):
        digest.update(f"{name} {len(images.y)}".encode())
        digest.update(np.ascontiguousarray(images.y, np.int64))
    return digest.hexdigest()
