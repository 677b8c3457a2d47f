"""Where data lies: the data root that users fill, and the cache that may be deleted at any time."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer import Refused

Progress = Callable[[float, str], None]  # share done in [0, 1], one sentence


def quiet(share: float, sentence: str) -> None:
    """A progress callback that says nothing."""


def root() -> Path:
    """The data root: EXPLORER_DATA, else the user's data folder; raises `Refused` if EXPLORER_DATA names no folder."""
    named = os.environ.get("EXPLORER_DATA")
    if not named:
        return _own_folder("data")
    path = Path(named).expanduser().absolute()
    if not path.is_dir():
        usual = _own_folder("data")
        raise Refused(
            f"EXPLORER_DATA names '{named}', which is no folder; make that folder, or unset it to use {usual}"
        )
    return path


def cache_root() -> Path:
    """Where decoded data is kept: EXPLORER_CACHE, else the user's cache folder."""
    named = os.environ.get("EXPLORER_CACHE")
    return Path(named).expanduser().absolute() if named else _own_folder("cache")


def _own_folder(kind: str) -> Path:
    try:
        import platformdirs
    except ModuleNotFoundError:  # a training node has no interface installed
        variable, usual = {"data": ("XDG_DATA_HOME", ".local/share"), "cache": ("XDG_CACHE_HOME", ".cache")}[kind]
        return Path(os.environ.get(variable) or Path.home() / usual) / "unfold"
    return Path(platformdirs.user_data_dir("unfold") if kind == "data" else platformdirs.user_cache_dir("unfold"))


@contextmanager
def alone(key: str, progress: Progress) -> Iterator[None]:
    """Hold the lock called `key` against every other process; while another has it, say so and wait."""
    from filelock import FileLock, Timeout

    lock = FileLock(cache_root() / "locks" / f"{key}.lock", timeout=1)
    with writing(cache_root(), "EXPLORER_CACHE"):
        (cache_root() / "locks").mkdir(parents=True, exist_ok=True)
        while not lock.is_locked:
            try:
                lock.acquire()
            except Timeout:
                progress(0.0, "another process is preparing this data set; waiting for it")
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
        raise Refused(f"cannot write to {folder} ({reason}): {way_out}") from error
