"""The images of a training that do not fit into memory: read from disk batch by batch, the next one while a step runs.

The rows are those that a resident copy would give, in the same order: a training is the same to the last bit.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from explorer.data.stored import StoredRows

READERS = 8  # reads in flight: a disk serves that many at once in little more time than one


class Reading(NamedTuple):
    """Rows on their way from the disk."""

    rows: Tensor
    out: Tensor
    parts: list[Future]

    def wait(self) -> Tensor:
        """The rows; raises what a reader raised."""
        for part in self.parts:
            part.result()
        return self.out


class StreamedRows:
    """Rows on disk with the face of a tensor on a device: what is asked for is read, and nothing is kept."""

    def __init__(self, stored: StoredRows, device: torch.device, readers: ThreadPoolExecutor | None = None) -> None:
        self.stored, self.device, self.shape = stored, device, torch.Size(stored.shape)
        self.dtype = torch.from_numpy(np.empty(0, stored.dtype)).dtype
        self.readers = readers or ThreadPoolExecutor(READERS, "reader")  # they end with the last rows that need them
        self.expected: Reading | None = None
        self.predictable = True

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, rows: Tensor) -> Tensor:
        """These rows on the device; those that were expected are there already, or on their way."""
        rows, reading, self.expected = rows.cpu(), self.expected, None
        if reading is not None and not torch.equal(reading.rows, rows):
            self.predictable, reading = False, None
        return (reading or self.reading(rows)).wait().to(self.device, non_blocking=True)

    def expect(self, rows: Tensor) -> None:
        """Begin to read what will probably be asked for next; who samples otherwise is not guessed at again."""
        if self.predictable:
            self.expected = self.reading(rows.cpu())

    def reading(self, rows: Tensor) -> Reading:
        """Have the readers read these rows, each its share, ascending in the file."""
        out = torch.empty((len(rows), *self.shape[1:]), dtype=self.dtype, pin_memory=self.device.type == "cuda")
        where, into = rows.numpy(), out.numpy()
        shares = np.array_split(np.argsort(where, kind="stable"), min(READERS, max(1, len(rows))))
        return Reading(rows, out, [self.readers.submit(self.stored.fill, into, where, share) for share in shares])

    def split(self, n: int) -> Iterator[Tensor]:
        """All rows in their order, `n` at a time."""
        for start in range(0, len(self), n):
            yield self[torch.arange(start, min(start + n, len(self)))]

    def to(self, device: str | torch.device) -> "StreamedRows":
        """The same rows for another device, by the same readers."""
        return StreamedRows(self.stored, torch.device(device), self.readers)
