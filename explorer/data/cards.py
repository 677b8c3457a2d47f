"""The card of a data set: all that its page shows first, read from the cache."""

import json

from explorer.data.loading import cached
from explorer.data.summary import read_card


def card(name: str, size: int = 0) -> dict:
    """Facts and first pictures of a data set at a size (0: its own); the data set is decoded if it never was.

    name, title, summary, source, size, channels, classes, hash, left_out [(path, why)];
    per split: counts [K], samples [K][at most 12 rows], duplicates [groups of rows];
    of the training images: mean and std per channel (pixels in [0, 1]), mean_image uint8 [C, H, W] and
    class_means uint8 [K, C, H, W], both at most 64 pixels wide.
    """
    entry, folder = cached(name, size)
    meta = json.loads((folder / "meta.json").read_text())
    facts = {key: meta[key] for key in ("name", "size", "channels", "hash")}
    told = {"title": entry.title, "summary": entry.summary, "source": entry.source, "classes": tuple(meta["classes"])}
    return {**facts, **told, "left_out": [tuple(pair) for pair in meta["left_out"]], **read_card(folder)}
