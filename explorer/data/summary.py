"""What a page shows of a data set first: counts, samples, means, repeated images; computed once, at decoding."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from explorer import reading
from explorer.data.copies import groups
from explorer.data.dataset import Images
from explorer.data.photos import resized
from explorer.data.raw import chunks, uncounted

CARD, MEANS = "card.json", "means.npz"
SAMPLES = 12  # rows stored per class and split
MEAN_SIZE = 64  # pixels; mean images of larger sets are stored at this size


def write_card(
    folder: Path,
    splits: dict[str, Images],
    marks: dict[str, np.ndarray],
    classes: int,
    modality: str,
    count: Callable[[int], None] = uncounted,
) -> None:
    """Write card.json and means.npz into a cache folder; only images have a mean.

    `marks` are the digests of the rows; `count` hears of rows handled.
    """
    repeated = {split: groups(of) for split, of in marks.items()}
    card = {
        "counts": {split: np.bincount(images.y, minlength=classes).tolist() for split, images in splits.items()},
        "samples": {split: [_first(images.y, label) for label in range(classes)] for split, images in splits.items()},
        "duplicates": {split: [rows.tolist() for rows in of] for split, of in repeated.items()},
    }
    numbers, pictures = mean_images(splits["train"], classes, count) if modality == "image" else ({}, {})
    (folder / CARD).write_text(json.dumps(card | numbers))
    np.savez(folder / MEANS, **pictures)


def mean_images(
    train: Images, classes: int, count: Callable[[int], None] = uncounted
) -> tuple[dict[str, list[float]], dict[str, np.ndarray]]:
    """(mean and deviation of each channel, mean images of all and of each class)."""
    means, square = _means(train, classes, count)  # [K, C, H, W], [C]
    counts = np.bincount(train.y, minlength=classes)
    overall = np.tensordot(counts / counts.sum(), means, 1)
    mean = overall.mean((1, 2))
    std = np.sqrt(np.maximum(square - mean**2, 0))
    numbers = {"mean": (mean / 255).tolist(), "std": (std / 255).tolist()}
    return numbers, {"mean_image": _small(overall[None])[0], "class_means": _small(means)}


def read_card(folder: Path) -> dict:
    """What `write_card` wrote: lists, and the mean images as uint8 arrays."""
    with np.load(folder / MEANS) as stored:
        return {**reading.fields(folder / CARD), **{name: stored[name] for name in stored.files}}


def _first(y: np.ndarray, label: int) -> list[int]:
    return np.flatnonzero(y == label)[:SAMPLES].tolist()


def _means(images: Images, classes: int, count: Callable[[int], None]) -> tuple[np.ndarray, np.ndarray]:
    """(mean image of each class [K, C, H, W], mean square of each channel [C]), both of pixels 0 to 255."""
    means = np.zeros((classes, *images.x.shape[1:]))
    square = np.zeros(images.x.shape[1])
    for label in range(classes):
        rows = np.flatnonzero(images.y == label)
        for piece in chunks(images.x, rows, count):
            means[label] += piece.sum(0, dtype=np.float64)
            square += np.square(piece, dtype=np.float32).sum((0, 2, 3), dtype=np.float64)
        means[label] /= max(1, len(rows))
    return means, square / (len(images.y) * images.x.shape[2] * images.x.shape[3])


def _small(means: np.ndarray) -> np.ndarray:
    pixels = np.rint(means).astype(np.uint8)
    return resized(pixels, MEAN_SIZE) if pixels.shape[-1] > MEAN_SIZE else pixels
