"""Locks that the kernel lets go when their holder dies: `flock` on a file whose text names the holding process.

A process id in a file misleads as soon as the process is gone; here it is believed only while the lock is held.
"""

import fcntl
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer import Refused


class Busy(Refused):
    """Somebody else holds the lock; try again later."""


@contextmanager
def hold(path: Path, wait: float = 0.0, what: str = "") -> Iterator[int]:
    """Holds the lock and yields its file descriptor, which a child process may inherit; waits `wait` seconds for it.

    Leaving the block only closes the descriptor: a child process keeps the lock until it dies. `what` is the error's
    word for what is locked, by default the name of its folder.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _acquire(descriptor, what or f"'{path.parent.name}'", time.monotonic() + wait)
        os.ftruncate(descriptor, 0)  # forget the process that held it before
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(descriptor: int, what: str, deadline: float) -> None:
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(f"{what} is in use by another process; wait until it has ended") from None
            time.sleep(0.01)


def sign(descriptor: int, process: int | None) -> None:
    """Writes the process whose group the holder answers for into the lock; None while there is none."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{platform.node()} {process or '-'}".encode(), 0)


def held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        descriptor = os.open(path, os.O_RDWR)  # writable: network file systems lock nothing that is opened for reading
    except (FileNotFoundError, PermissionError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who ask do not take each other for holders
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def signed(path: Path) -> bool:
    """Whether the holder is the engine: a job in somebody's terminal signs nothing."""
    with suppress(OSError):
        return held(path) and bool(path.read_bytes())
    return False


def holder(path: Path) -> int | None:
    """The process that the holder signed for, if it lives on this machine."""
    host, _, process = path.read_text().rpartition(" ") if held(path) else ("", "", "")
    return int(process) if host == platform.node() and process.isdecimal() else None
