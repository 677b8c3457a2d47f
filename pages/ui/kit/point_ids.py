"""The id of an image on a map: its row in the validation split as it is, rows of other splits far above."""

import numpy as np

SPLITS = ("validation", "train", "test")
STRIDE = 10_000_000  # `chart_points.js` knows it, too
ANY = "any"  # in the place of the split in the address of a thumbnail: the id names it


def of(rows: np.ndarray, parts: np.ndarray | None = None) -> np.ndarray:
    """Ids `[N]` of rows `[N]` of splits `[N]`, as numbers of `SPLITS`; of validation where none are given."""
    return np.asarray(rows, np.int64) + (0 if parts is None else STRIDE * np.asarray(parts, np.int64))


def split_and_row(id: int) -> tuple[str, int]:
    """The split and the row of an id; raises `IndexError` where there is no such split."""
    part, row = divmod(int(id), STRIDE)
    return SPLITS[part], row


def spelled(id: int) -> str:
    """An id as an address and a page say it: 12, or train.12."""
    split, row = split_and_row(id)
    return str(row) if split == SPLITS[0] else f"{split}.{row}"


def read(text: str) -> int | None:
    """The id that a text spells; None where it spells none."""
    split, dot, row = text.strip().lower().replace(" ", ".").rpartition(".")
    if not row.isdecimal() or int(row) >= STRIDE or (dot and split not in SPLITS):
        return None
    return int(row) + STRIDE * (SPLITS.index(split) if dot else 0)
