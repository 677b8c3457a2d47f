"""Decode a data set once, keep it as memory-mapped files, open it in milliseconds ever after."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from explorer import Refused
from explorer.data.builtin import EMBEDDED
from explorer.data.dataset import DataSet, Images, LeftOut
from explorer.data.entries import Entry, find
from explorer.data.folders import read_folder
from explorer.data.modalities import check_rows
from explorer.data.photos import resized
from explorer.data.places import Progress, alone, cache_root, quiet, root, writing
from explorer.data.published import PUBLISHED
from explorer.data.raw import Part, Raw, chunks, complete, content_hash, on_disk, source_hash
from explorer.data.registry import embedded_names
from explorer.data.summary import write_card
from explorer.data.trees import remembered, stamps

FORMAT = 2  # of the cache and of everything that decides its pixels and its cuts; a new number decodes everything again
SMALLEST, LARGEST = 8, 512


def load(name: str, size: int = 0, progress: Progress | None = None) -> DataSet:
    """A data set at this size (0: its own); decoded on the first call, from the cache afterwards."""
    entry, folder = cached(name, size, progress or quiet)
    return _opened(folder, entry)


def fingerprint(name: str) -> str:
    """Hex; another one as soon as a file of this data set is added, removed or changed. Nothing is decoded."""
    return _stamp(find(name))


def cached(name: str, size: int = 0, progress: Progress = quiet) -> tuple[Entry, Path]:
    """The entry and the cache folder of a data set, which is decoded into it if need be."""
    entry = find(name)
    size = size or entry.size
    _check(entry, size)
    key = f"{entry.name}-{size}-{_stamp(entry)}"
    folder = cache_root() / "data" / key
    if not _whole(folder):
        with alone(key, progress):
            if not _whole(folder):  # nobody else has made it while we waited
                _decode(entry, size, folder, progress)
    return entry, folder


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


def _stamp(entry: Entry) -> str:
    """Changes when the source does; of a folder it is remembered."""
    if entry.kind != "download" and entry.path is not None and entry.path.is_dir():
        return remembered(entry.path, lambda: _read_stamp(entry))
    return _read_stamp(entry)


def _read_stamp(entry: Entry) -> str:
    """The place of a source, and the size and time of each of its files, as a hash."""
    lines = [str(FORMAT), entry.name, str(entry.path)]
    if entry.kind == "download":
        lines += [
            f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in PUBLISHED[entry.name].present(root())
        ]
    elif entry.path is not None:
        lines += stamps(entry.path)
    elif version := EMBEDDED[entry.name].version:
        lines.append(str(version))
    return hashlib.blake2b("\n".join(lines).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def _decode(entry: Entry, size: int, folder: Path, progress: Progress) -> None:
    """Read the source and write the cache folder beside its place; it appears whole or not at all."""
    with writing(cache_root(), "EXPLORER_CACHE"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f".{folder.name}-*"):  # of a process that was killed: we hold the lock
            shutil.rmtree(left, ignore_errors=True)
        scratch = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            progress(0.0, f"reading {entry.title}")
            raw = _read(entry, size, scratch, lambda share, what: progress(0.9 * share, what))
            progress(0.9, f"storing {entry.title}")
            _write(scratch / "whole", entry, size, raw)
            shutil.rmtree(folder, ignore_errors=True)  # one that does not open
            (scratch / "whole").rename(folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    for old in _outdated(entry, size, folder):
        shutil.rmtree(old, ignore_errors=True)
    progress(1.0, f"{entry.title} is ready")


def _read(entry: Entry, size: int, scratch: Path, progress: Progress) -> Raw:
    if entry.kind == "embedded":
        return EMBEDDED[entry.name].read(size, scratch)
    if entry.kind == "download":
        raw = PUBLISHED[entry.name].read(root())
        raw = raw._replace(original=content_hash(raw))
        return raw if size == entry.size else _resized(raw, size, scratch, progress)
    return read_folder(entry.path, size, scratch, progress)


def _resized(raw: Raw, size: int, scratch: Path, progress: Progress) -> Raw:
    total, done = sum(len(images.y) for images in raw.splits.values()), 0

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


def _write(folder: Path, entry: Entry, size: int, raw: Raw) -> None:
    if raw.modality != entry.modality:
        rule = f"give Raw(modality='{entry.modality}'), as it is registered"
        raise Refused(f"'{entry.name}' is {entry.modality}, but its rows were read as {raw.modality}: {rule}")
    for images in raw.splits.values():
        check_rows(entry.name, entry.modality, images.x, len(raw.words))
    folder.mkdir()
    source = source_hash(raw)
    parts = complete(raw, source, entry.name)
    for split, part in parts.items():
        _write_split(folder, split, part)
    meta = {
        "format": FORMAT,
        "name": entry.name,
        "path": str(entry.path),
        "modality": raw.modality,
        "shape": raw.splits["train"].x.shape[1:],
        "words": raw.words,
        "rate": raw.rate,
        **({"size": size, "channels": raw.splits["train"].x.shape[1]} if size else {}),  # a version of before asks so
        "classes": raw.classes,
        "hash": content_hash(raw),
        "source": source,
        "left_out": sorted(raw.left_out),
    }
    write_card(folder, {split: _split(folder, split) for split in parts}, len(raw.classes), raw.modality)
    (folder / "meta.json").write_text(json.dumps(meta))
    _sync(folder)


def _write_split(folder: Path, split: str, part: Part) -> None:
    x, y, factors = part.images
    header = {
        "descr": np.lib.format.dtype_to_descr(x.dtype),
        "fortran_order": False,
        "shape": (len(part.rows), *x.shape[1:]),
    }
    with (folder / f"{split}.x.npy").open(
        "wb"
    ) as out:  # plain writes: a full disk is then an error, where a memory map would end the process
        np.lib.format.write_array_header_1_0(out, header)
        for piece in chunks(x, part.rows):
            out.write(piece)
    np.save(folder / f"{split}.y.npy", y[part.rows])
    np.savez(folder / f"{split}.factors.npz", **{name: values[part.rows] for name, values in factors.items()})


def _sync(folder: Path) -> None:
    """Bring every file to the disk before the folder gets its name."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _split(folder: Path, split: str) -> Images:
    with np.load(folder / f"{split}.factors.npz") as stored:
        factors = {name: stored[name] for name in stored.files}
    return Images(np.load(folder / f"{split}.x.npy", mmap_mode="r"), np.load(folder / f"{split}.y.npy"), factors)


def _opened(folder: Path, entry: Entry) -> DataSet:
    meta = described(folder)
    splits = {split: _split(folder, split) for split in ("train", "validation", "test")}
    left_out = tuple(LeftOut(*pair) for pair in meta["left_out"])
    facts = {key: meta[key] for key in ("modality", "shape", "classes", "hash", "source", "words", "rate")}
    return DataSet(entry.name, entry.title, left_out=left_out, splits=splits, **facts)


def described(folder: Path) -> dict[str, Any]:
    """What a cache folder says of its data set; one of before says the size and colours of its images alone."""
    meta = json.loads((folder / "meta.json").read_text())
    if "shape" not in meta:
        shape = (meta["channels"], meta["size"], meta["size"])
        meta |= {"modality": "image", "shape": shape, "words": (), "rate": 0}
    return meta | {name: tuple(meta[name]) for name in ("shape", "classes", "words")}


def _whole(folder: Path) -> bool:
    """Whether the cache folder is there and opens."""
    try:
        json.loads((folder / "meta.json").read_text())
        return all(
            len(images.x) == len(images.y)
            for images in (_split(folder, split) for split in ("train", "validation", "test"))
        )
    except (OSError, ValueError, EOFError, KeyError):
        return False


def _outdated(entry: Entry, size: int, current: Path) -> Iterator[Path]:
    """Cache folders of the same source at the same size as it was before."""
    for folder in current.parent.glob(f"{entry.name}-{size}-*"):
        try:
            meta = json.loads((folder / "meta.json").read_text())
        except (OSError, ValueError):
            continue
        if folder != current and (meta["name"], meta["path"]) == (entry.name, str(entry.path)):
            yield folder
