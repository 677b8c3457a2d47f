"""Files that are on the disk when their writer says so: every error of write, fsync and close is raised here.

For a name to outlast a power cut, its folder is synced.
"""

import errno
import os
from pathlib import Path
from threading import get_ident

FULL = (errno.ENOSPC, errno.EDQUOT)
RESERVE = 32 * 1024  # bytes that a run keeps, to be able to say that the disk is full


def put(path: Path, content: bytes | memoryview) -> None:
    """Writes a new file and waits for the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        write(descriptor, content)
    finally:
        os.close(descriptor)


def write(descriptor: int, content: bytes | memoryview) -> None:
    """Writes all of it, however much the system takes at once, and waits for the disk."""
    rest = memoryview(content).cast("B")
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def settle(path: Path) -> None:
    """Waits until what was written into a file is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(path: Path, content: bytes | memoryview) -> None:
    """Gives a file this content, wholly or not at all: it is written beside it, and then gets its name."""
    temporary = path.with_name(f".{os.getpid()}-{get_ident()}-{path.name}")  # nobody else's
    try:
        put(temporary, content)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the disk has no links; no such file is changed in place."""
    try:
        os.link(source, target)
    except OSError as error:
        if is_full(error):
            raise
        put(target, source.read_bytes())


def make(folder: Path) -> None:
    """A folder that is on the disk, whether it was there or not."""
    if not folder.exists():
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def sync(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    settle(folder)


def reserve(path: Path) -> None:
    """Takes the space that will be given up; random bytes, which no file system packs."""
    put(path, os.urandom(RESERVE))


def is_full(error: OSError) -> bool:
    """Whether the error says that there is no space left on the disk, or none for this user."""
    return error.errno in FULL
