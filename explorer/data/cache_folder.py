"""The cache folder of a decoded data set: written whole, opened in milliseconds, or seen to be damaged."""

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from explorer import Refused, reading
from explorer.data.copies import between, digests
from explorer.data.dataset import Copies, DataSet, Images, LeftOut, Note
from explorer.data.entries import Entry
from explorer.data.modalities import check_rows
from explorer.data.names import legible
from explorer.data.places import Progress
from explorer.data.raw import Raw, chunks, content_hash, source_hash
from explorer.data.splitting import Part, complete, is_changed_by_copies
from explorer.data.summary import write_card
from explorer.system.mapped import mapped

FORMAT = 2  # of the cache and of everything that decides its pixels and its cuts; a new number decodes everything again
META = "meta.json"
SPLITS = ("train", "validation", "test")
UNREADABLE = (OSError, ValueError, EOFError, KeyError, TypeError, zipfile.BadZipFile)  # a damaged or older cache


def write(folder: Path, entry: Entry, size: int, raw: Raw, progress: Progress) -> None:
    """Write what was read from a source; `progress` hears of it from 0 to 1."""
    if raw.modality != entry.modality:
        rule = f"give Raw(modality='{entry.modality}'), as it is registered"
        raise Refused(f"'{entry.name}' is {entry.modality}, but its rows were read as {raw.modality}: {rule}")
    for images in raw.splits.values():
        check_rows(entry.name, entry.modality, images.x, len(raw.words))
    folder.mkdir()
    source = source_hash(raw)
    parts = complete(raw, source, entry.name)
    count = _counter(sum(len(images.y) for images in raw.splits.values()), entry.title, progress)
    for split, part in parts.items():
        _write_split(folder, split, part, count)
    meta = {
        "format": FORMAT,
        "name": entry.name,
        "path": legible(str(entry.path)),
        "modality": raw.modality,
        "shape": raw.splits["train"].x.shape[1:],
        "words": raw.words,
        "rate": raw.rate,
        **({"size": size, "channels": raw.splits["train"].x.shape[1]} if size else {}),  # a version of before asks so
        "classes": raw.classes,
        "hash": _hash(raw, source, entry.name, parts, count),
        "source": source,
        "left_out": sorted(raw.left_out),
        "notes": raw.notes,
    }
    splits = {split: _split(folder, split) for split in parts}
    marks = {split: digests(images.x, count) for split, images in splits.items()}
    write_card(folder, splits, marks, len(raw.classes), raw.modality, count)
    (folder / META).write_text(json.dumps(meta | {"copies": _as_lists(between(splits, marks))}))
    _sync(folder)


def _hash(raw: Raw, source: str, name: str, parts: dict[str, Part], count: Callable[[int], None]) -> str:
    """Of what was read; another one where its copies are kept together, which an earlier version has cut otherwise."""
    content = content_hash(raw, count)
    if not is_changed_by_copies(raw, source, name, parts):
        return content
    return hashlib.blake2b(f"{content}, copies together".encode(), digest_size=16).hexdigest()


def _as_lists(copies: Copies) -> dict[str, dict[str, list[list[int]]]]:
    return {split: {other: rows.tolist() for other, rows in of.items()} for split, of in copies.items()}


def _counter(total: int, title: str, progress: Progress) -> Callable[[int], None]:
    """Counts the rows that were handled: each is written, hashed and compared, and most of them averaged."""
    done = 0

    def count(n: int) -> None:
        nonlocal done
        done += n
        progress(min(1.0, done / max(1, 4 * total)), f"storing {title}")

    return count


def _write_split(folder: Path, split: str, part: Part, count: Callable[[int], None]) -> None:
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
        for piece in chunks(x, part.rows, count):
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
    return Images(mapped(folder / f"{split}.x.npy"), np.load(folder / f"{split}.y.npy"), factors)


def opened(folder: Path, entry: Entry) -> DataSet | None:
    """The data set in a cache folder; None where there is none, or one that is damaged or of another version."""
    try:
        meta = described(folder)
        splits = {split: _split(folder, split) for split in SPLITS}
        if any(images.x.shape != (len(images.y), *meta["shape"]) for images in splits.values()):
            return None
        left_out = tuple(LeftOut(*pair) for pair in meta["left_out"])
        notes = tuple(Note(*pair) for pair in meta.get("notes", ()))  # an earlier version had none
        facts = {key: meta[key] for key in ("modality", "shape", "classes", "hash", "source", "words", "rate")}
        facts["copies"] = _as_arrays(meta["copies"])  # an earlier version did not look for them: it is decoded again
    except UNREADABLE:
        return None
    return DataSet(entry.name, entry.title, left_out=left_out, notes=notes, splits=splits, **facts)


def _as_arrays(copies: dict[str, dict[str, list[list[int]]]]) -> Copies:
    return {split: {other: np.array(rows, np.int64) for other, rows in of.items()} for split, of in copies.items()}


def described(folder: Path) -> dict[str, Any]:
    """What a cache folder says of its data set; one of before says the size and colours of its images alone."""
    meta = reading.fields(folder / META)
    if "shape" not in meta:
        shape = (meta["channels"], meta["size"], meta["size"])
        meta |= {"modality": "image", "shape": shape, "words": (), "rate": 0}
    return meta | {name: tuple(meta[name]) for name in ("shape", "classes", "words")}
