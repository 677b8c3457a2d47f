"""Decode a data set once, keep it as memory-mapped files, open it in milliseconds ever after."""

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from explorer import Refused, reading
from explorer.data.builtin import EMBEDDED
from explorer.data.cache_folder import FORMAT, META, opened, write
from explorer.data.copies import digests
from explorer.data.dataset import DataSet
from explorer.data.entries import Entry, find
from explorer.data.folders import read_folder
from explorer.data.names import legible
from explorer.data.overviews import stamp
from explorer.data.photos import CUT, resized
from explorer.data.places import Progress, alone, check_room, quiet, root, timed, writing
from explorer.data.published import PUBLISHED
from explorer.data.raw import Raw, chunks, content_hash, on_disk
from explorer.data.registry import embedded_names
from explorer.data.trees import stamps
from explorer.data.vectors import store
from explorer.system import caches
from explorer.system.folders import cache_root

SMALLEST, LARGEST = 8, 512
DECODED = 0.75  # share of the time after which all is decoded and the rest is written, hashed and averaged
NOTED = 60.0  # seconds between two notes that a cache folder is used
_noted: dict[Path, float] = {}


def load(name: str, size: int = 0, progress: Progress | None = None) -> DataSet:
    """A data set at this size (0: its own); decoded on the first call, from the cache afterwards."""
    return cached(name, size, progress or quiet)[1]


def ready(name: str, size: int = 0) -> DataSet | None:
    """A data set that was decoded before; None where it would have to be decoded now."""
    entry, size, folder = _place(name, size)
    return _noted_as_used(folder, opened(folder, entry))


def fingerprint(name: str) -> str:
    """Hex; another one as soon as a file of this data set is added, removed or changed. Nothing is decoded.

    All files have been looked at in this process, if not just now.
    """
    return _stamp(find(name), sure=True)


def cached(name: str, size: int = 0, progress: Progress = quiet) -> tuple[Path, DataSet]:
    """The cache folder of a data set, which is decoded into it if need be, and the data set."""
    entry, size, folder = _place(name, size)
    dataset = _noted_as_used(folder, opened(folder, entry))
    if dataset is None:
        with alone(folder.name, progress):
            dataset = opened(folder, entry)  # somebody else may have made it while we waited
            if dataset is None:
                _decode(entry, size, folder, timed(progress))
                dataset = opened(folder, entry)
    if dataset is None:
        raise _vanished(entry)
    return folder, dataset


def forget(folder: Path) -> None:
    """A cache folder that is damaged is made anew when it is opened next."""
    with suppress(OSError):  # one that cannot be written
        (folder / META).unlink(missing_ok=True)


def _place(name: str, size: int) -> tuple[Entry, int, Path]:
    """The entry of a data set, its size, and where its cache folder lies if there is one."""
    entry = find(name)
    size = size or entry.size
    _check(entry, size)
    return entry, size, cache_root() / "data" / f"{entry.name}-{size}-{_stamp(entry)}"


def _check(entry: Entry, size: int) -> None:
    if entry.problem:
        raise Refused(entry.problem)
    if not entry.available:
        where = f"'{entry.name}' is not on this machine: its files must lie in {entry.path}"
        raise Refused(f"{where}; download it, or choose {' or '.join(embedded_names())}, which need no network")
    check_size(entry, size)


def check_size(entry: Entry, size: int) -> None:
    """Raises `Refused` where a data set cannot be had at this size; 0 is its own."""
    if entry.modality != "image" and size:
        raise Refused(f"'{entry.name}' is {entry.modality}, which has no size in pixels: give 0, not {size}")
    if entry.modality != "image" or not size:
        return
    if not SMALLEST <= size <= LARGEST:
        rule = f"give {SMALLEST} to {LARGEST} pixels, or 0 for the data set's own {entry.size}"
        raise Refused(f"size {size} is out of range; {rule}")


def _stamp(entry: Entry, sure: bool = False) -> str:
    """Changes when the source does; of a folder it is remembered."""
    if entry.kind not in ("download", "vectors") and entry.path is not None and entry.path.is_dir():
        return stamp(entry.path, f"{FORMAT} {CUT} {entry.name}", lambda: _read_stamp(entry), sure)
    return _read_stamp(entry)


def _read_stamp(entry: Entry) -> str:
    """The place of a source, and the size and time of each of its files, as a hash."""
    lines = [str(FORMAT), entry.name, str(entry.path)]
    if entry.kind == "download":
        lines += [
            f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in PUBLISHED[entry.name].present(root())
        ]
    elif entry.kind == "vectors":
        lines.append(stored.hash if (stored := store.find(entry.name)) else "")
    elif entry.path is not None:
        lines += [f"pictures cut {CUT}", *stamps(entry.path)]
    elif version := EMBEDDED[entry.name].version:
        lines.append(str(version))
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _decode(entry: Entry, size: int, folder: Path, progress: Progress) -> None:
    """Read the source and write the cache folder beside its place; it appears whole or not at all."""
    caches.limit()  # refuses what cannot be a limit before the work, not behind it
    with writing(cache_root(), "EXPLORER_CACHE"):
        scratch = _scratch(folder)
        try:
            progress(0.0, f"reading {entry.title}")
            raw = _read(entry, size, scratch, lambda share, what: progress(DECODED * share, what))
            write(scratch / "whole", entry, size, raw, lambda share, what: progress(_later(share), what))
            shutil.rmtree(folder, ignore_errors=True)  # one that does not open
            (scratch / "whole").rename(folder)
        except FileNotFoundError as error:
            if scratch.is_dir():
                raise
            raise _vanished(entry) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    for old in _outdated(entry, size, folder):
        shutil.rmtree(old, ignore_errors=True)
    caches.trim(besides=folder)
    progress(1.0, f"{entry.title} is ready")


def _later(share: float) -> float:
    """The share of all, once everything is decoded."""
    return DECODED + (1 - DECODED) * share


def _scratch(folder: Path) -> Path:
    """A folder to work in, beside the place of the result."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}-*"):  # of a process that was killed: we hold the lock
        shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))


def _vanished(entry: Entry) -> Refused:
    return Refused(
        f"the cache in {cache_root()} was deleted while {entry.title} was decoded into it: leave it in its place until "
        "that is done, and open the data set again"
    )


def _read(entry: Entry, size: int, scratch: Path, progress: Progress) -> Raw:
    if entry.kind == "embedded":
        return EMBEDDED[entry.name].read(size, scratch)
    if entry.kind == "download":
        try:
            raw = PUBLISHED[entry.name].read(root())
        except OSError as error:
            why = f"the files of {entry.title} in {entry.path} cannot be read ({error.strerror or error})"
            raise Refused(f"{why}: make them readable, or remove them and download the data set again") from error
        raw = raw._replace(original=content_hash(raw), marks=digests(raw.splits["train"].x))
        return raw if size == entry.size else _resized(raw, size, scratch, progress)
    if entry.kind == "vectors":
        raw = store.raw(entry.name)
        return raw if size == entry.size else _resized(raw, size, scratch, progress)
    return read_folder(entry.path, size, scratch, progress)


def _resized(raw: Raw, size: int, scratch: Path, progress: Progress) -> Raw:
    total, done = sum(len(images.y) for images in raw.splits.values()), 0
    channels = raw.splits["train"].x.shape[1]
    check_room(scratch, 2 * total * channels * size**2, f"this at {size} × {size} pixels")

    def pieces(x: np.ndarray) -> Iterator[np.ndarray]:
        nonlocal done
        for piece in chunks(x):
            progress(done / total, f"resizing image {done + 1:,} of {total:,} to {size}×{size}")
            yield resized(piece, size)
            done += len(piece)

    splits = {}
    for split, images in raw.splits.items():
        shape = (images.x.shape[1], size, size)
        splits[split] = images._replace(x=on_disk(scratch / f"{split}.raw", pieces(images.x), shape))
    return raw._replace(splits=splits)


def _noted_as_used(folder: Path, dataset: DataSet | None) -> DataSet | None:
    """The same; the cache folder that is used least recently leaves first."""
    now = time.monotonic()
    if dataset is not None and now - _noted.get(folder, -NOTED) >= NOTED:
        _noted[folder] = now
        caches.use(folder / META)
    return dataset


def _outdated(entry: Entry, size: int, current: Path) -> Iterator[Path]:
    """Cache folders of the same source at the same size as it was before."""
    for folder in current.parent.glob(f"{entry.name}-{size}-*"):
        try:
            meta = reading.fields(folder / META)
        except (OSError, ValueError):
            continue
        if folder != current and (meta["name"], meta["path"]) == (entry.name, legible(str(entry.path))):
            yield folder
