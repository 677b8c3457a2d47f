"""Where a model works: the GPU if there is one; its name, and the images of a split on it, or on disk for it."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from explorer import Refused
from explorer.core import Split
from explorer.data import DataSet, Images
from explorer.data.stored import StoredRows
from explorer.models.streamed import StreamedRows
from explorer.system.machine import describe_device
from explorer.system.memory import free

SHARE = 0.5  # of the free memory, that the images of a split may take; the rest is for the network and its batches
PIECE = 2**26  # bytes that are read at once


def device() -> torch.device:
    """The GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def describe(where: torch.device, ranks: int = 1, processor: str = "cpu") -> str:
    """The device in words, or the devices of so many ranks: "NVIDIA H100", "2 × cpu, 4 threads"."""
    threads = torch.get_num_threads()
    name = _name(where, f"{processor}, {threads} thread{'s' if threads > 1 else ''}")
    return f"{ranks} × {name}" if ranks > 1 else name


def arithmetic(where: torch.device) -> str:
    """What of the device decides the last bits of a number: "cpu (AVX512)" adds in another order than "cpu (AVX2)"."""
    return _name(where, f"cpu ({torch.backends.cpu.get_cpu_capability()})")


def _name(where: torch.device, processor: str) -> str:
    """The name of this process's GPU, or these words for the processor."""
    return describe_device(processor) if where.type == "cuda" else processor


def split_of(images: Images, classes: tuple[str, ...], dataset: DataSet, where: torch.device) -> Split:
    """A split on the device, or on disk for it where it is too large."""
    return _split(StoredRows(images.x), images.y, classes, dataset, where)


def load_split(
    dataset: DataSet, name: str, classes: Iterable[str], subset: int, where: torch.device, streamed: bool = False
) -> Split:
    """What `DataSet.select` takes of a split, on the device; on disk for it where it is too large, or if so wanted.

    Raises `Refused` where that is nothing.
    """
    rows, y = dataset.chosen(name, classes, subset)
    if not len(rows):
        raise Refused(f"{dataset.name} has no {name} images of these classes: choose other classes, or add images")
    stored = StoredRows(dataset.splits[name].x, rows)
    return _split(stored, y, dataset.kept(classes), dataset, where, streamed)


def _split(
    stored: StoredRows, y: np.ndarray, classes: tuple[str, ...], dataset: DataSet, where: torch.device,
    streamed: bool = False,
) -> Split:  # fmt: skip
    streamed = streamed or stored.nbytes > SHARE * free(where)
    x = StreamedRows(stored, where) if streamed else _resident(stored, where)
    labels = torch.from_numpy(np.array(y)).to(where)
    return Split(x, labels, classes, dataset.hash, dataset.modality, dataset.vocabulary, dataset.rate)


def _resident(stored: StoredRows, where: torch.device) -> Tensor:
    """All rows on the device, read piece by piece."""
    kind = torch.from_numpy(np.empty(0, stored.dtype)).dtype
    x = torch.empty(stored.shape, dtype=kind, device=where)
    step = max(1, PIECE // max(1, stored.row))
    for start in range(0, len(stored), step):
        part = x[start : start + step]
        rows = np.arange(start, start + len(part))
        if where.type == "cpu":
            stored.read(rows, part.numpy())
        else:
            part.copy_(torch.from_numpy(stored.read(rows)))
    return x


def half(features: np.ndarray) -> np.ndarray:
    """The features in half precision, unless they are too large for it."""
    return features.astype(np.float16) if np.abs(features).max(initial=0) < np.finfo(np.float16).max else features
