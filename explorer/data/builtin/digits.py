"""The digits that come with scikit-learn."""

from pathlib import Path

import numpy as np

from explorer.data.copies import digests
from explorer.data.dataset import Images
from explorer.data.photos import resized
from explorer.data.raw import Raw, content_hash
from explorer.data.registry import Embedded, register

CLASSES = tuple("0123456789")


def read(size: int, scratch: Path) -> Raw:
    """scikit-learn's digits, 0 to 16 brought to 0 to 255; a fifth each is validation and test, as they are few."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)[:, None]  # [N, 1, 8, 8]
    images = Images(pixels, digits.target.astype(np.int64), {})
    raw = Raw(CLASSES, {"train": images}, test_share=0.2, validation_share=0.25)
    shown = {"train": images._replace(x=resized(pixels, size))}
    return raw._replace(splits=shown, original=content_hash(raw), marks=digests(pixels))


register(
    "digits",
    Embedded(
        title="Digits",
        summary="1,797 handwritten digits, 8×8 grey; training takes seconds. A fifth is validation, a fifth test.",
        source="Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI (CC BY 4.0), from "
        "scikit-learn",
        shape=(1, 8, 8),
        classes=CLASSES,
        read=read,
        order=2,
    ),
)
