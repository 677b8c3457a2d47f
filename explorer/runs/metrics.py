"""Rows of JSON that are only ever appended; a reader who looks again parses what is new, not the whole file."""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

Row = dict[str, Any]
KEPT = 64  # files whose rows are remembered


@dataclass
class _Seen:
    """What has been read of one file."""

    inode: int
    offset: int = 0  # bytes, up to the end of a whole line
    rows: list[Row] = field(default_factory=list)


_seen: OrderedDict[Path, _Seen] = OrderedDict()
_lock = Lock()


def read(path: Path) -> list[Row]:
    """All whole rows; the torn last line of a process that died while writing is ignored."""
    with _lock:
        try:
            stat = path.stat()
        except FileNotFoundError:
            return []
        seen = _seen.pop(path, None)
        if seen is None or seen.inode != stat.st_ino or seen.offset > stat.st_size:
            seen = _Seen(stat.st_ino)
        _seen[path] = seen
        while len(_seen) > KEPT:
            _seen.popitem(last=False)
        _advance(path, seen)
        return list(seen.rows)


def _advance(path: Path, seen: _Seen) -> None:
    with path.open("rb") as file:
        file.seek(seen.offset)
        whole, _, _ = file.read().rpartition(b"\n")
    if whole:
        seen.rows += [row for line in whole.split(b"\n") if (row := _parse(line)) is not None]
        seen.offset += len(whole) + 1


def _parse(line: bytes) -> Row | None:
    try:
        row = json.loads(line)
    except ValueError:
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
