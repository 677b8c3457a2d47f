"""Where data lies: the data root that users fill, and the cache that may be deleted at any time."""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer import Refused
from explorer.moments import roughly
from explorer.system.folders import cache_root, own_folder

Progress = Callable[[float, str], None]  # share done in [0, 1], one sentence
FULL = (errno.ENOSPC, errno.EDQUOT)
SOON = 2.0  # seconds of work before one can tell how much is left


def quiet(share: float, sentence: str) -> None:
    """A progress callback that says nothing."""


def timed(progress: Progress) -> Progress:
    """A progress callback that adds how much time is left, once that can be told."""
    started = time.monotonic()

    def told(share: float, sentence: str) -> None:
        past = time.monotonic() - started
        known = past > SOON and 0.02 < share < 1
        progress(share, f"{sentence}, about {roughly(past / share * (1 - share))} left" if known else sentence)

    return told


def root() -> Path:
    """The data root: EXPLORER_DATA, else the user's data folder; raises `Refused` if EXPLORER_DATA names no folder."""
    named = os.environ.get("EXPLORER_DATA")
    if not named:
        return own_folder("data")
    path = Path(named).expanduser().absolute()
    if not path.is_dir():
        usual = own_folder("data")
        raise Refused(
            f"EXPLORER_DATA names '{named}', which is no folder; make that folder, or unset it to use {usual}"
        )
    return path


@contextmanager
def alone(
    key: str, progress: Progress, what: str = "this data set", stop: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Hold the lock called `key` against every other process; while another has it, say so and wait.

    Raises `Refused` where `stop` says yes meanwhile.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(cache_root() / "locks" / f"{key}.lock", timeout=1)
    with writing(cache_root(), "EXPLORER_CACHE"):
        (cache_root() / "locks").mkdir(parents=True, exist_ok=True)
        while not lock.is_locked:
            try:
                lock.acquire()
            except Timeout:
                if stop():
                    raise Refused(f"another process is preparing {what}, and waiting was stopped: ask again") from None
                progress(0.0, f"another process is preparing {what}; waiting")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def writing(folder: Path, variable: str) -> Iterator[None]:
    """Turn a full or read-only disk into a sentence that names the folder and the variable that moves it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        way_out = f"set {variable} to a folder with room that you may write"
        if error.errno in FULL and variable == "EXPLORER_CACHE":
            way_out = f"free some space (python -m explorer cache --clear removes what can be made again), or {way_out}"
        raise Refused(f"cannot write to {folder} ({reason}): {way_out}") from error


def check_room(folder: Path, size: int, what: str) -> None:
    """Raises `Refused` where so many bytes do not fit on the disk of the cache any more."""
    free = shutil.disk_usage(folder).free
    if size > free:
        has = f"{what} takes {_amount(size)} in {cache_root()}, where {_amount(free)} are free"
        way_out = "choose a smaller size, free some space (python -m explorer cache --clear removes what can be made"
        raise Refused(f"{has}: {way_out} again), or set EXPLORER_CACHE to a folder with room")


def _amount(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
