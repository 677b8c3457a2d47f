"""The card of a data set: all that its page shows first, read from the cache."""

from explorer.data.cache import cached, described
from explorer.data.summary import read_card


def card(name: str, size: int = 0) -> dict:
    """Facts and first pictures of a data set at a size (0: its own); the data set is decoded if it never was.

    name, title, summary, source, modality, shape, classes, hash, left_out [(path, why)];
    per split: counts [K], samples [K][at most 12 rows], duplicates [groups of rows];
    of training images, and of no other kind of data: size, channels, mean and std per channel (pixels in [0, 1]),
    mean_image uint8 [C, H, W] and class_means uint8 [K, C, H, W], both at most 64 pixels wide.
    """
    entry, folder = cached(name, size)
    meta = described(folder)
    facts = {key: meta[key] for key in ("name", "modality", "shape", "classes", "hash")}
    facts |= {"title": entry.title, "summary": entry.summary, "source": entry.source}
    if meta["modality"] == "image":
        facts |= {"channels": meta["shape"][0], "size": meta["shape"][-1]}
    return {**facts, "left_out": [tuple(pair) for pair in meta["left_out"]], **read_card(folder)}
