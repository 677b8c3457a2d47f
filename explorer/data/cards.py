"""The card of a data set: all that its page shows first, read from the cache."""

from typing import Any

from explorer.data.cache import cached, forget
from explorer.data.cache_folder import UNREADABLE
from explorer.data.dataset import DataSet
from explorer.data.entries import find
from explorer.data.summary import read_card


def card(name: str, size: int = 0) -> dict:
    """Facts and first pictures of a data set at a size (0: its own); the data set is decoded if it never was.

    name, title, summary, source, modality, shape, classes, hash, left_out [(path, why)], notes [(text, first file)];
    per split: counts [K], samples [K][at most 12 rows], duplicates [groups of rows];
    copies {split: {another split: its rows and their copies there [M, 2]}}, where there are any;
    of training images, and of no other kind of data: size, channels, mean and std per channel (pixels in [0, 1]),
    mean_image uint8 [C, H, W] and class_means uint8 [K, C, H, W], both at most 64 pixels wide.
    """
    dataset, contents = _read(name, size)
    facts = {key: getattr(dataset, key) for key in ("name", "title", "modality", "shape", "classes", "hash", "copies")}
    facts |= {"summary": find(name).summary, "source": find(name).source}
    if dataset.modality == "image":
        facts |= {"channels": dataset.channels, "size": dataset.size}
    said = {key: list(map(tuple, getattr(dataset, key))) for key in ("left_out", "notes")}
    return {**facts, **said, **contents}


def _read(name: str, size: int) -> tuple[DataSet, dict[str, Any]]:
    """The data set and its card; a damaged one is made anew."""
    folder, dataset = cached(name, size)
    try:
        return dataset, read_card(folder)
    except UNREADABLE:
        forget(folder)
    folder, dataset = cached(name, size)
    return dataset, read_card(folder)
