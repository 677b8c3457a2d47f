"""The rows of a study of transfers: one for each training, in a file that only grows."""

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from explorer.benchmarks import results
from explorer.benchmarks.transfers.study import Training, TransferStudy
from explorer.runs import metrics

Row = dict[str, Any]
FOLDER = "transfer"  # beside the rows of other studies, whose tables know nothing of these
NEEDED = {
    "source": str, "arm": str, "labels": str, "seed": int, "protocol": dict, "data": str, "weights": str,
    "n_train": int, "n_test": int, "trainable": int, "test_accuracy": float, "right": str, "hardware": str,
}  # fmt: skip


def place(study: TransferStudy) -> Path:
    """Where the rows of a study lie: they come with the project."""
    path = results.place(study.name, study.dataset)
    return path.parent / FOLDER / path.name


def read(path: Path, study: TransferStudy) -> list[Row]:
    """The sound rows of this study on today's protocol; a torn last line is none."""
    protocol = study.protocol()
    return [
        row for row in metrics.read(path)
        if (row.get("study"), row.get("dataset")) == (study.name, study.dataset)
        and all(isinstance(row.get(name), kind) for name, kind in NEEDED.items())
        and row["protocol"] == protocol
    ]  # fmt: skip


def left_out(path: Path, study: TransferStudy) -> int:
    """How many rows of a file are damaged or of another protocol."""
    return sum(1 for _ in metrics.read(path)) - len(read(path, study))


def training(row: Row) -> Training:
    """Which training a row is of."""
    return Training(row["source"], row["arm"], row["labels"])


class Inputs(NamedTuple):
    """What a row depends on besides what was asked."""

    data: str  # digest of the images at the source's size
    weights: str  # digest of the source's weights


def there(known: Iterable[Row], wanted: Training, seed: int, made_of: Inputs) -> bool:
    """Whether a training need not be made again."""
    return any((training(row), row["seed"], inputs(row)) == (wanted, seed, made_of) for row in known)


def inputs(row: Row) -> Inputs:
    """What a row was made of."""
    return Inputs(row["data"], row["weights"])


def comparable(known: Iterable[Row]) -> list[Row]:
    """Of each source the rows of the weights and data of its newest one: those of others are never compared with it."""
    every = list(known)
    newest = {row["source"]: inputs(row) for row in every}  # the file grows at its end
    return [row for row in every if inputs(row) == newest[row["source"]]]


def packed(right: np.ndarray) -> str:
    """Which test images were named rightly, `bool [N]`, as text: pairs of arms are compared image by image."""
    return base64.b64encode(np.packbits(right).tobytes()).decode()


def unpacked(row: Row) -> np.ndarray:
    """The same, `bool [N]`."""
    bits = np.frombuffer(base64.b64decode(row["right"]), np.uint8)
    return np.unpackbits(bits, count=row["n_test"]).astype(bool)
