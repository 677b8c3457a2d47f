"""Rows of an array in a file, read when they are asked for: none of them, and no page of the file, stays in memory.

A memory map would do the same with less code. But the pages that it has touched count as this process's memory, a file
that became shorter ends the process without a word, and two pages of a cold row are waited for one after the other.
"""

import mmap
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from explorer import Refused

BUFFERS = 512  # rows of one read; Linux allows 1,024


class StoredRows:
    """Rows of an array, all of them or a choice: of a memory map they are read from its file, else taken from it."""

    def __init__(self, x: np.ndarray, chosen: np.ndarray | None = None) -> None:
        self.chosen, self.dtype = chosen, x.dtype
        self.shape = (len(x) if chosen is None else len(chosen), *x.shape[1:])
        self.row = x.dtype.itemsize * int(np.prod(x.shape[1:]))  # bytes
        self.file = self.array = None
        if isinstance(x, np.memmap) and isinstance(x.base, mmap.mmap) and x.flags.c_contiguous:
            self.path, self.offset = Path(x.filename), x.offset
            self.file = self._opened()
        else:
            self.array = x

    def __len__(self) -> int:
        return self.shape[0]

    @property
    def nbytes(self) -> int:
        """What all rows would take in memory."""
        return len(self) * self.row

    def read(self, rows: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """These rows `[n, *shape]`, into `out` if it is given; raises `Refused` where the file cannot be read."""
        out = np.empty((len(rows), *self.shape[1:]), self.dtype) if out is None else out
        self.fill(out, rows, np.argsort(rows, kind="stable"))
        return out

    def fill(self, out: np.ndarray, rows: np.ndarray, order: np.ndarray) -> None:
        """Read `rows[order]` into `out[order]`; they should ascend, since neighbours in the file are read in one go."""
        at = rows[order] if self.chosen is None else self.chosen[rows[order]]
        if self.file is None:
            out[order] = self.array[at]
            return
        places = memoryview(out.reshape(-1).view(np.uint8))
        for first, last in _runs(at):
            where = order[first:last].tolist()
            if where[-1] - where[0] == len(where) - 1 and _ascends(where):
                buffers = [places[where[0] * self.row : (where[-1] + 1) * self.row]]
            else:
                buffers = [places[k * self.row : (k + 1) * self.row] for k in where]
            self._read(buffers, self.offset + int(at[first]) * self.row, len(where) * self.row)

    def _read(self, buffers: list[memoryview], offset: int, size: int) -> None:
        while size:  # a network file system may give less at once
            try:
                got = os.preadv(self.file.fileno(), buffers, offset)
            except OSError as error:
                raise self._lost(error.strerror or str(error)) from error
            if not got:
                raise self._lost("it became shorter")
            offset, size = offset + got, size - got
            buffers = _behind(buffers, got) if size else []

    def _opened(self) -> object:
        try:
            file = self.path.open("rb", buffering=0)
        except OSError as error:
            raise self._lost(error.strerror or str(error)) from error
        if hasattr(os, "posix_fadvise"):  # what lies beside a row is not read with it
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        return file

    def _lost(self, why: str) -> Refused:
        return Refused(
            f"the decoded images in {self.path} cannot be read any more ({why}): leave the cache folder in place while "
            "it is in use, and start this again; what is missing is then decoded again"
        )


def _behind(buffers: list[memoryview], n: int) -> list[memoryview]:
    """What of these buffers follows their first `n` bytes."""
    rest = []
    for buffer in buffers:
        rest += [buffer[n:]] if n < len(buffer) else []
        n = max(0, n - len(buffer))
    return rest


def _runs(at: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where rows follow one another in the file: the first and behind the last of each run, none too long to read."""
    ends = np.flatnonzero(np.diff(at) != 1) + 1
    first = 0
    for end in (*ends.tolist(), len(at)):
        for start in range(first, end, BUFFERS):
            yield start, min(start + BUFFERS, end)
        first = end


def _ascends(where: list[int]) -> bool:
    return all(after - before == 1 for before, after in pairwise(where))
