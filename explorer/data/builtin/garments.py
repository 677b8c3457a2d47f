"""A part of Fashion-MNIST, so that there are real images without a network. `explorer/data/sample.py` has chosen it."""

from pathlib import Path

import numpy as np

from explorer.data.copies import digests
from explorer.data.dataset import Images
from explorer.data.photos import resized
from explorer.data.published import PUBLISHED
from explorer.data.raw import Raw, content_hash
from explorer.data.registry import Embedded, register

FILE = Path(__file__).with_suffix(".npz")  # 600 training and 100 test images of each class
CLASSES = PUBLISHED["fashion_mnist"].classes


def read(size: int, scratch: Path) -> Raw:
    """The stored images; validation is cut from the training images."""
    with np.load(FILE) as stored:
        arrays = {name: stored[name] for name in stored.files}
    splits = {name: Images(arrays[f"{name}_x"], arrays[f"{name}_y"].astype(np.int64), {}) for name in ("train", "test")}
    raw = Raw(CLASSES, splits)
    shown = {name: images._replace(x=resized(images.x, size)) for name, images in splits.items()}
    return raw._replace(splits=shown, original=content_hash(raw), marks=digests(splits["train"].x))


register(
    "garments",
    Embedded(
        title="Garments",
        summary="7,000 images of clothes, 28×28 grey, ten classes: a tenth of Fashion-MNIST, balanced over classes. "
        "Validation is split off the training images.",
        source="Xiao, Rasul and Vollgraf 2017, Fashion-MNIST, arXiv:1708.07747 (MIT)",
        shape=(1, 28, 28),
        classes=CLASSES,
        read=read,
        order=0,
    ),
)
