"""What can be made again: how much of it there is, one limit for all of it, and how it is cleared.

A kind of cache is a folder below the cache's root, and each file or folder in it goes as a whole, the least recently
used first. Any other folder there is somebody else's, and is left alone. Maps are jobs, and lie in the folder of runs:
the limit does not count them, and they go only where somebody clears them.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from explorer import Refused, choose, runs
from explorer.runs import Busy, atomic, locks
from explorer.system import settings
from explorer.system.folders import cache_root
from explorer.system.mapped import in_use

GB = 10**9
LIMIT, SHARE = 20 * GB, 0.2  # bytes, and the share of the disk, whichever is less; EXPLORER_CACHE_LIMIT
LOCKS, MAPS, TRIALS, GONE = "locks", "maps", "trials", ".gone-"
WRITING = 600.0  # seconds without a name after which a file was left behind by a killed process
TITLES = {  # in the order in which they are shown
    "data": "Decoded data sets",
    "features": "Features of models",
    MAPS: "Maps",
    "levels": "kNN of references",
    "scores": "Scores of references",
    TRIALS: "Interrupted trainings of studies",
    "folders": "Listings of folders",
    "zips": "Listings of zip files",
    "descriptions": "Descriptions of methods",
    "machine": "Measurements of this machine",
}


class Entry(NamedTuple):
    """What goes as a whole: a decoded data set, a map, a file of features."""

    path: Path
    size: int  # bytes
    used: float  # when it was last read or written, in seconds since 1970


class Kind(NamedTuple):
    """One kind of cache, as it is on the disk now."""

    name: str
    title: str
    folder: Path
    entries: tuple[Entry, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(entry.size for entry in self.entries)

    @property
    def used(self) -> float | None:
        """When something of it was last used; None where there is nothing."""
        return max((entry.used for entry in self.entries), default=None)

    @property
    def limited(self) -> bool:
        """Whether the limit counts it, and what was not used for long leaves by itself."""
        return self.name != MAPS


class Stays(NamedTuple):
    """An entry that could not be removed, and why."""

    kind: str
    entry: Entry
    why: str


class Cleared(NamedTuple):
    """What was removed and what was not."""

    freed: int  # bytes
    removed: int  # entries
    stays: tuple[Stays, ...]


def limit() -> int:
    """How many bytes all caches may take together, maps aside."""
    given = settings.given("CACHE_LIMIT")
    if given is not None:
        return int(min(given * GB, 2**62))
    place = next((folder for folder in (cache_root(), *cache_root().parents) if folder.exists()), Path("/"))
    return min(LIMIT, int(SHARE * shutil.disk_usage(place).total))


def measure() -> list[Kind]:
    """All kinds, measured now."""
    return [
        Kind(name, title, _folder(name), _maps() if name == MAPS else _entries(name)) for name, title in TITLES.items()
    ]


def keep(path: Path, content: bytes) -> None:
    """Write a file of a cache, whole or not at all; where it cannot be written it is made again, and nothing else."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(path, content)


def use(path: Path) -> None:
    """Note that a file of a cache is used now, also where the file system does not."""
    with suppress(OSError):  # it may belong to somebody else, or be gone
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))


def clear(name: str = "") -> Cleared:
    """Remove all that can be made again (of one kind), but for what is in use; raises `Refused` for an unknown kind."""
    kinds = {kind.name: kind for kind in measure()}
    chosen = [choose("cache", name, kinds)] if name else list(kinds.values())
    return _removed((kind.name, entry) for kind in chosen for entry in kind.entries)


def trim(besides: Path | None = None) -> Cleared:
    """Bring the caches below their limit, the least recently used first; `besides` stays, and what is in use."""
    with suppress(Busy, OSError):  # one process is enough; what cannot be written has not grown
        (cache_root() / LOCKS).mkdir(parents=True, exist_ok=True)
        with locks.hold(cache_root() / LOCKS / "trim.lock"):
            return _trim(limit(), besides)
    return Cleared(0, 0, ())


def _trim(most: int, besides: Path | None) -> Cleared:
    kinds = [kind for kind in measure() if kind.limited]
    total = sum(kind.size for kind in kinds)
    oldest = sorted(((kind.name, entry) for kind in kinds for entry in kind.entries), key=lambda pair: pair[1].used)
    return _removed((pair for pair in oldest if pair[1].path != besides), total - most)


def _removed(pairs: Iterable[tuple[str, Entry]], enough: float = float("inf")) -> Cleared:
    """Remove entries until so many bytes are free."""
    freed, removed, stays = 0, 0, []
    for kind, entry in pairs:
        if freed >= enough:
            break
        try:
            why = _remove(kind, entry)
        except FileNotFoundError:  # somebody else was faster
            continue
        except OSError as error:
            why = f"it cannot be removed ({error.strerror or error})"
        if why:
            stays.append(Stays(kind, entry, why))
        else:
            freed, removed = freed + entry.size, removed + 1
    return Cleared(freed, removed, tuple(stays))


def _remove(kind: str, entry: Entry) -> str:
    """Remove one entry; returns why it stays, or nothing; raises `OSError` where it cannot."""
    if kind == MAPS:
        return _remove_map(entry.path)
    if _busy(kind, entry):
        return "in use"
    gone = entry.path.with_name(f"{GONE}{secrets.token_hex(8)}")  # whoever looks sees it whole or not at all
    entry.path.rename(gone)
    shutil.rmtree(gone) if gone.is_dir() and not gone.is_symlink() else gone.unlink()
    return ""


def _remove_map(folder: Path) -> str:
    run = runs.Run(folder)
    if not run.status.final:
        return "in use"
    try:
        runs.delete(run.id, among=())
    except Busy:
        return "in use"
    except Refused as error:
        raise FileNotFoundError(run.id) from error
    return ""


def _busy(kind: str, entry: Entry) -> bool:
    """Whether a process has mapped a file of an entry, works in it, or is making it."""
    if kind == TRIALS:
        return locks.held(entry.path / "lock")  # as of any run
    return _unfinished(kind, entry) or any(map(in_use, _files(entry.path)))


def _unfinished(kind: str, entry: Entry) -> bool:
    """Whether it has no name yet and somebody is at it."""
    name = entry.path.name
    if not name.startswith(".") or name.startswith(GONE):
        return False
    if kind == "data":  # a data set that is being decoded
        return locks.held(cache_root() / LOCKS / f"{name[1:].rpartition('-')[0]}.lock")
    return time.time() - entry.used < WRITING


def _files(path: Path) -> Iterator[Path]:
    if not path.is_symlink():
        yield from (path.iterdir() if path.is_dir() else (path,))


def _folder(name: str) -> Path:
    return runs.root() if name == MAPS else cache_root() / name


def _maps() -> tuple[Entry, ...]:
    places = (str(run.folder) for run in runs.listing("map", shipped=False))
    return tuple(Entry(Path(place), *_below(place)) for place in places)


def _entries(name: str) -> tuple[Entry, ...]:
    with suppress(OSError), os.scandir(_folder(name)) as found:
        return tuple(map(_entry, found))
    return ()


def _entry(it: os.DirEntry) -> Entry:
    """Size and last use of a file, or of all files in a folder; a link is a file, wherever it leads."""
    with suppress(OSError):
        if it.is_dir(follow_symlinks=False):
            return Entry(Path(it.path), *_below(it.path))
        about = it.stat(follow_symlinks=False)
        return Entry(Path(it.path), about.st_size, max(about.st_atime, about.st_mtime))
    return Entry(Path(it.path), 0, 0.0)


def _below(folder: str) -> tuple[int, float]:
    """The bytes of all files in a folder, and when one of them was last used; what cannot be read is passed over."""
    size, used = 0, 0.0
    with suppress(OSError):
        used = os.stat(folder).st_mtime  # noqa: PTH116 - text, since there may be many
        with os.scandir(folder) as found:
            for _, its_size, its_use in map(_entry, found):
                size, used = size + its_size, max(used, its_use)
    return size, used
