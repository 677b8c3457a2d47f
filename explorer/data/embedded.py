"""Data sets that need neither network nor folder: scikit-learn's digits, and shapes that are drawn here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.data.dataset import Images
from explorer.data.photos import resized
from explorer.data.raw import Raw, content_hash
from explorer.data.shapes import PER_CLASS, SHAPES, make


@dataclass(frozen=True)
class Embedded:
    """A data set that comes with the program; `read` makes its images at a size."""

    title: str
    summary: str
    source: str
    size: int
    channels: int
    classes: tuple[str, ...]
    read: Callable[[int, Path], Raw]  # size, a folder for what does not fit into memory


def read_digits(size: int, scratch: Path) -> Raw:
    """scikit-learn's digits, 0 to 16 brought to 0 to 255; a fifth each is validation and test, as they are few."""
    from sklearn.datasets import load_digits

    found = load_digits()
    pixels = np.rint(found.images * (255 / 16)).astype(np.uint8)[:, None]  # [N, 1, 8, 8]
    images = Images(pixels, found.target.astype(np.int64), {})
    raw = Raw(DIGITS.classes, {"train": images}, test_share=0.2, validation_share=0.25)
    return raw._replace(splits={"train": images._replace(x=resized(pixels, size))}, original=content_hash(raw))


def read_shapes(size: int, scratch: Path) -> Raw:
    """Shapes drawn at this size, not enlarged."""
    return Raw(SHAPES, {split: make(split, size, scratch) for split in PER_CLASS})


DIGITS = Embedded(
    title="Digits",
    summary="1,797 handwritten digits, 8×8 grey: trained on in seconds. Validation and test are a fifth each.",
    source="Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI (CC BY 4.0), from scikit-learn",
    size=8,
    channels=1,
    classes=tuple("0123456789"),
    read=read_digits,
)
DRAWN = Embedded(
    title="Shapes",
    summary="6,000 drawn shapes, 32×32 colour, with known factors: shape, hue, scale, rotation, position, background.",
    source="drawn by Unfold itself; free of rights",
    size=32,
    channels=3,
    classes=SHAPES,
    read=read_shapes,
)
EMBEDDED = {"digits": DIGITS, "shapes": DRAWN}
