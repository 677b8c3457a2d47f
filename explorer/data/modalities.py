"""The kinds of data that a set may hold: how their rows are stored, and what a page shows of one. Torch-free."""

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np

from explorer import Refused
from explorer.data.dataset import DataSet

SIDE, LETTERS = 112, 15  # pixels of a drawn thumbnail; letters in one of its lines
MOST_WORDS = 8  # of a caption
PAPER, INK = 255, 40


class Display(NamedTuple):
    """How one kind of data is stored and shown: the words for it, and how a page shows a row `[*shape]` of it."""

    one: str
    many: str
    dtype: str  # of stored rows
    dimensions: int  # of one row
    picture: Callable[[np.ndarray, DataSet], np.ndarray]  # `uint8 [C, h, w]`
    words: Callable[[np.ndarray, DataSet], str]


def thumbnails(dataset: DataSet, split: str, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """A picture `uint8 [N, C, h, w]` of each of these rows: images as they are, words written, sound as a curve."""
    x, display = dataset.splits[split].x[np.asarray(rows, np.int64)], DISPLAYS[dataset.modality]
    return x if dataset.modality == "image" else np.stack([display.picture(row, dataset) for row in x])


def caption(dataset: DataSet, split: str, row: int) -> str:
    """What is said of a row beside its number: its name, if it has one; empty where its picture says all."""
    named = dataset.splits[split].factors.get("name")
    if named is not None and named.dtype.kind == "U":
        return str(named[row])
    return DISPLAYS[dataset.modality].words(dataset.splits[split].x[row], dataset)


def check_rows(name: str, modality: str, x: np.ndarray, words: int) -> None:
    """Raises `Refused` where the rows of a source are not stored as rows of this kind must be."""
    kind, axes = DISPLAYS[modality], x.ndim - 1
    if (x.dtype, axes) != (np.dtype(kind.dtype), kind.dimensions):
        has = f"{x.dtype} with {axes} axes"
        raise Refused(f"the rows of '{name}' are {has}: {kind.many} must be {kind.dtype} with {kind.dimensions}")
    if modality == "text" and x.size and not 0 <= x.min() <= x.max() < words:
        raise Refused(f"the words of '{name}' are {x.min()} to {x.max()}: its vocabulary has 0 to {words - 1}")


def sentence(row: np.ndarray, dataset: DataSet) -> str:
    """The words of a text `[L]`; those that are empty fill it up and are not said."""
    return " ".join(filter(None, (dataset.words[word] for word in row)))


def _written(row: np.ndarray, dataset: DataSet) -> np.ndarray:
    """The first words of a text on paper."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (SIDE, SIDE), PAPER)
    lines = wrap(sentence(row, dataset), LETTERS, max_lines=7, placeholder=" …")
    ImageDraw.Draw(page).text((6, 4), "\n".join(lines), INK, ImageFont.load_default(12), spacing=2)
    return np.asarray(page)[None]


def _first_words(row: np.ndarray, dataset: DataSet) -> str:
    words = sentence(row, dataset).split()
    return " ".join(words[:MOST_WORDS]) + (" …" if len(words) > MOST_WORDS else "")


def _curve(row: np.ndarray, dataset: DataSet) -> np.ndarray:
    """The range of a sound `[channels, samples]` within each of its parts, as a column of ink."""
    parts = np.array_split(row.mean(0) / 2**15, SIDE)
    low, high = (np.array([pick(part) if len(part) else 0 for part in parts]) for pick in (np.min, np.max))
    height = np.linspace(1, -1, SIDE)[:, None]
    inked = (height <= high + 1 / SIDE) & (height >= low - 1 / SIDE)
    return np.where(inked, INK, PAPER).astype(np.uint8)[None]


def _duration(row: np.ndarray, dataset: DataSet) -> str:
    return f"{row.shape[-1] / dataset.rate:.1f} s" if dataset.rate else ""


def _strip(row: np.ndarray, dataset: DataSet) -> np.ndarray:
    """The numbers of a vector `[D]` as bars from a line in the middle, the largest of them as high as the picture."""
    parts = np.array_split(np.nan_to_num(row.astype(np.float64)), min(SIDE, len(row)))
    values = np.array([part[np.abs(part).argmax()] for part in parts])
    values = np.repeat(values / max(np.abs(values).max(), 1e-12), -(-SIDE // len(values)))[:SIDE]
    height = np.linspace(1, -1, SIDE)[:, None]
    inked = (height >= np.minimum(values, 0) - 1 / SIDE) & (height <= np.maximum(values, 0) + 1 / SIDE)
    return np.where(inked, INK, PAPER).astype(np.uint8)[None]


DISPLAYS = {
    "image": Display("image", "images", "uint8", 3, lambda row, dataset: row, lambda row, dataset: ""),
    "text": Display("text", "texts", "int32", 1, _written, _first_words),
    "audio": Display("recording", "recordings", "int16", 2, _curve, _duration),
    "vector": Display("vector", "vectors", "float32", 1, _strip, lambda row, dataset: ""),
    "video": Display("clip", "clips", "uint8", 4, lambda row, dataset: row[len(row) // 2], lambda row, dataset: ""),
}
