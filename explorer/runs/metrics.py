"""Rows of JSON that are only ever appended; a reader who looks again parses what is new, not the whole file."""

import json
import os
from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from explorer import reading

Row = dict[str, Any]


class Rows(list[Row]):
    """What a file held at one moment, the same object for all readers until there is more: do not change it."""

    def __init__(self, rows: list[Row]) -> None:
        super().__init__(rows)
        self.derived: dict[Hashable, Any] = {}  # what was derived from these rows


KEPT = 64  # files whose rows are remembered
TAIL = 1024  # bytes that tell a file from another one of the same name: the system gives inodes out again


@dataclass
class _Known:
    """What has been read of one file."""

    inode: int
    offset: int = 0  # bytes, up to the end of a whole line
    tail: bytes = b""  # the last of them
    rows: Rows = field(default_factory=lambda: Rows([]))

    def is_of(self, file: BinaryIO) -> bool:
        """Whether it is this file that has been read so far."""
        start = self.offset - len(self.tail)
        return self.inode == os.fstat(file.fileno()).st_ino and _read(file, start, len(self.tail)) == self.tail


_known: OrderedDict[Path, _Known] = OrderedDict()
_lock = Lock()


def read(path: Path) -> Rows:
    """All whole rows; the torn last line of a process that died while writing is ignored."""
    with _lock, suppress(OSError, reading.Damaged), reading.opened(path) as file:
        known = _known.pop(path, None)
        if known is None or not known.is_of(file):
            known = _Known(os.fstat(file.fileno()).st_ino)
        _known[path] = known
        while len(_known) > KEPT:
            _known.popitem(last=False)
        _advance(file, known)
        return known.rows
    return Rows([])


def derived(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of rows whose answer is kept with them: it is computed once for all who look at the same rows."""

    @wraps(function)
    def answer(rows: list[Row], *args: Hashable) -> Any:
        known = rows.derived if isinstance(rows, Rows) else {}
        key = (function, *args)
        if key not in known:
            known[key] = function(rows, *args)
        return known[key]

    return answer


def _advance(file: BinaryIO, known: _Known) -> None:
    new = _read(file, known.offset)
    whole = new[: new.rfind(b"\n") + 1]
    if rows := [row for line in whole.split(b"\n") if (row := _parse(line)) is not None]:
        known.rows = Rows(known.rows + rows)
    known.offset += len(whole)
    known.tail = (known.tail + whole)[-TAIL:]


def _read(file: BinaryIO, start: int, size: int = -1) -> bytes:
    file.seek(start)
    return file.read(size)


def forget(folder: Path) -> None:
    """Drops what was read in a folder that is no more."""
    with _lock:
        for path in [path for path in _known if path.parent == folder]:
            del _known[path]


def _parse(line: bytes) -> Row | None:
    try:
        row = reading.value(line)
    except reading.Damaged:
        return None
    return row if isinstance(row, dict) else None


def append(path: Path, row: Row) -> None:
    """Writes one row at the end, after cutting off a line that a killed process left unfinished."""
    with path.open("ab+") as file:
        end = file.seek(0, 2)
        if end:
            file.seek(end - 1)
            if file.read(1) != b"\n":
                file.seek(0)
                file.truncate(file.read().rfind(b"\n") + 1)
        file.write(encode(row))


def encode(row: Row) -> bytes:
    """One line; numbers of numpy and torch become plain ones."""
    return json.dumps(row, default=plain, ensure_ascii=False).encode() + b"\n"


def plain(value: Any) -> Any:
    """What JSON can say of a number or an array of numpy or torch, or of a path."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
