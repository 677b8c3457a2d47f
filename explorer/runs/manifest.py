"""`manifest.jsonl`: one row for every content that a file of the run was given: its name, size and SHA-256.

The row is on the disk before the file has its name, so a file is intact if it equals any row of its name: whoever dies
between the two leaves the older content, which has a row too. Files without a row are of an older version of Unfold.
"""

import hashlib
import os
from pathlib import Path
from threading import Lock

from explorer import reading
from explorer.runs import atomic, metrics

NAME = "manifest.jsonl"
LARGEST = 1 << 40  # bytes: the disk is the limit
KEPT = 4096  # files whose digests are remembered
_writing = Lock()
_digests: dict[Path, tuple[tuple[int, ...], str]] = {}


def row(name: str, content: bytes | memoryview) -> metrics.Row:
    """What the manifest says of a content."""
    return {"name": name, "bytes": memoryview(content).nbytes, "sha256": hashlib.sha256(content).hexdigest()}


def record(folder: Path, rows: list[metrics.Row]) -> None:
    """Adds rows and waits for the disk; a line that a killed process left unfinished is ended first."""
    path = folder / NAME
    with _writing:
        new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            end = os.fstat(descriptor).st_size
            torn = end and os.pread(descriptor, 1, end - 1) != b"\n"
            atomic.write(descriptor, b"\n" * bool(torn) + b"".join(map(metrics.encode, rows)))
        finally:
            os.close(descriptor)
        if new:
            atomic.sync(folder)


def store(folder: Path, name: str, content: bytes | memoryview) -> None:
    """Gives a file of the run this content, wholly or not at all."""
    atomic.make((folder / name).parent)
    record(folder, [row(name, content)])
    atomic.replace(folder / name, content)


def known(folder: Path, name: str) -> set[tuple[int, str]]:
    """Sizes and digests that the file may have."""
    rows = ((row.get("bytes"), row.get("sha256")) for row in metrics.read(folder / NAME) if row.get("name") == name)
    return {(size, digest) for size, digest in rows if isinstance(size, int) and isinstance(digest, str)}


def content(folder: Path, name: str) -> bytes | None:
    """The bytes of a file; None if they are none that were ever written. A file without a row is taken as it is."""
    content, rows = reading.content(folder / name, LARGEST), known(folder, name)
    return content if not rows or (len(content), hashlib.sha256(content).hexdigest()) in rows else None


def intact(folder: Path, name: str, again: bool = True) -> bool:
    """Whether the manifest has the file as it is; with `again=False` one that was not touched is hashed only once."""
    path = folder / name
    try:
        return (path.stat().st_size, _digest(path, again)) in known(folder, name)
    except FileNotFoundError:
        return False


def _digest(path: Path, again: bool) -> str:
    identity = _identity(path)
    cached = _digests.get(path)
    if again or cached is None or cached[0] != identity:
        with path.open("rb") as file:
            cached = identity, hashlib.file_digest(file, "sha256").hexdigest()
        _remember(path, *cached)
    return cached[1]


def written(path: Path, digest: str) -> None:
    """What this process has just written need not be read to be known."""
    _remember(path, _identity(path), digest)


def _remember(path: Path, identity: tuple[int, ...], digest: str) -> None:
    _digests[path] = identity, digest
    for oldest in list(_digests)[:-KEPT]:
        _digests.pop(oldest, None)


def _identity(path: Path) -> tuple[int, ...]:
    """Another one as soon as somebody writes into the file."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def sound(folder: Path, name: str) -> bool:
    """Whether a file is not known to be damaged; cheap when asked again. One that is not there is sound, too."""
    return not (folder / name).exists() or not known(folder, name) or intact(folder, name, again=False)


def copy(source: Path, target: Path, names: set[str]) -> None:
    """The rows of some files, for a folder that gets these very files."""
    if rows := [entry for entry in metrics.read(source / NAME) if entry.get("name") in names]:
        record(target, rows)
