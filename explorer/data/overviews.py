"""What is known of a folder or zip without listing it again: kept on disk where listing takes long.

Adding, removing or renaming a file changes the time of its folder, and a handful of folders is looked at each time. A
file that is changed in its place changes none of them: of a large folder the sizes and times of all files are read
again now and then, in the background, until that takes a twentieth of the time.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from explorer.data.layouts import Layout
from explorer.data.trees import MAX_FOLDERS, Stamp, folders, layout
from explorer.system import caches
from explorer.system.folders import cache_root

FORMAT = 2  # of what is kept, and of the rules of layouts
CHEAP = 0.02  # seconds to read the sizes and times of all files of a folder: that much is done each time
MANY = 10_000  # pictures: what is known of a folder with more of them is kept for the next process
SELDOM = 20  # times as long as it takes to read all files of a folder: the least time between two such readings
NEVER = float("-inf")


class Overview(NamedTuple):
    """A layout without its files."""

    classes: tuple[str, ...]
    counts: dict[str, int]  # files that look like photographs, by split
    problem: str = ""
    listed: bool = True


class Known(NamedTuple):
    """What is known of a folder while its folders have these times; its stamp depends on all of its files."""

    folders: tuple[Stamp, ...]
    overview: Overview
    stamped: str = ""  # what the stamp is made for; nobody has asked for one yet
    stamp: str = ""
    files: str = ""  # a hash of the names, sizes and times of all files, which is made without a listing
    seconds: float = 0.0  # to read all files
    at: float = NEVER  # when this process read them last


_known: dict[Path, Known] = {}
_reading: dict[Path, threading.Lock] = {}


def overview(path: Path) -> Overview:
    """The overview of a folder or zip as it is now."""
    if path.is_dir() or not path.is_file():
        return _of_folder(path)
    stat = path.stat()
    return _of_zip(path, stat.st_mtime_ns, stat.st_size, cache_root() / "zips")


def stamp(path: Path, name: str, read: Callable[[], str], sure: bool = False) -> str:
    """What `read` makes of the sizes and times of all files in a folder, read again when one was added or removed.

    `sure`: this process has read them itself, if not just now; else what an earlier one has read counts until then.
    """
    known = _unchanged(path)
    if known is None or known.stamped != name or known.seconds < CHEAP or (sure and known.at == NEVER):
        return _read_again(path, name, read)
    if time.monotonic() - known.at > SELDOM * known.seconds:
        _read_in_background(path, name, read)
    return known.stamp


def _of(arranged: Layout) -> Overview:
    counts = {split: len(files) for split, files in arranged.splits.items()}
    return Overview(arranged.classes, counts, arranged.problem, arranged.listed)


def _of_folder(path: Path) -> Overview:
    known = _unchanged(path)
    return known.overview if known else _listed(path).overview


def _listed(path: Path) -> Known:
    """What a listing says of a folder, which is then known."""
    try:
        now = folders(path)
    except OSError:  # `layout` says why
        now = ()
    known = Known(now, _of(layout(path)))
    if 0 < len(now) <= MAX_FOLDERS:
        _known[path] = known
    return known


def _unchanged(path: Path) -> Known | None:
    """What is known of a folder, unless a file was added, removed or renamed in it."""
    known = _known.get(path) or _kept(path)
    if known is None or any(_modified(folder) != modified for folder, modified in known.folders):
        return None
    return _known.setdefault(path, known)


def _modified(folder: str) -> int:
    try:
        return Path(folder).stat().st_mtime_ns
    except OSError:
        return -1


def _read_again(path: Path, name: str, read: Callable[[], str]) -> str:
    """Read all files of a folder; who asks meanwhile waits for the same answer."""
    asked = time.monotonic()
    with _reading.setdefault(path, threading.Lock()):
        started, known = time.monotonic(), _unchanged(path)
        if known and known.stamped == name and known.at > asked:
            return known.stamp
        known = known or _listed(path)
        many = sum(known.overview.counts.values()) > MANY
        files = _files(known.folders) if many else ""  # before they are read: a change in between is seen next time
        same = bool(files) and (known.stamped, known.files) == (name, files)
        value = known.stamp if same else read()
        now = time.monotonic()
        new = known._replace(stamped=name, stamp=value, files=files, seconds=now - started, at=now)
        if known.folders:
            _known[path] = new
    if many and not same:
        caches.keep(_place(path), json.dumps([FORMAT, *new[:-1]]).encode("utf-8", "surrogateescape"))
    return value


def _files(folders: Iterable[Stamp]) -> str:
    """A hash of the names, sizes and times of all files in these folders."""
    digest = hashlib.blake2b(digest_size=16)
    for folder, _ in folders:
        with suppress(OSError), os.scandir(folder) as entries:  # one that is gone or closed has no files
            digest.update("\n".join(sorted(map(_line, entries))).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _line(entry: os.DirEntry) -> str:
    try:
        about = entry.stat()
    except OSError:  # a link to nowhere
        return entry.name
    return f"{entry.name} {about.st_size} {about.st_mtime_ns}"


def _read_in_background(path: Path, name: str, read: Callable[[], str]) -> None:
    """Once at a time; what has changed counts from then on."""
    lock = _reading.setdefault(path, threading.Lock())
    if lock.locked():
        return

    def look() -> None:
        with suppress(OSError):  # gone by now: whoever opens it says so
            _read_again(path, name, read)

    threading.Thread(target=look, name=f"stamp-{path.name}", daemon=True).start()


def _place(path: Path) -> Path:
    key = hashlib.blake2b(str(path).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return cache_root() / "folders" / f"{key}.json"


def _kept(path: Path) -> Known | None:
    """What an earlier process has kept of a folder."""
    place = _place(path)
    with suppress(OSError, ValueError, TypeError):
        content = json.loads(place.read_text("utf-8", "surrogateescape"))
        number, stamps, (classes, *rest), *more = content
        if number == FORMAT:
            caches.use(place)
            return Known(
                tuple((folder, modified) for folder, modified in stamps), Overview(tuple(classes), *rest), *more
            )
    return None


@lru_cache(maxsize=256)
def _of_zip(path: Path, modified: int, size: int, folder: Path) -> Overview:
    key = hashlib.blake2b(
        f"{FORMAT} {path} {modified} {size}".encode("utf-8", "surrogateescape"), digest_size=8
    ).hexdigest()
    kept = folder / f"{key}.json"
    with suppress(OSError, ValueError, TypeError):
        classes, *rest = json.loads(kept.read_text())
        caches.use(kept)
        return Overview(tuple(classes), *rest)
    contents = _of(layout(path))
    if not contents.problem:  # a problem may pass: look again in the next process
        caches.keep(kept, json.dumps(contents).encode())
    return contents
