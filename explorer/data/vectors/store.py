"""Where finished vectors are kept: a folder of their name in the folder of runs, written whole, opened as a data set.

`vectors.npy` float32 [N, D] · `columns.npz` (labels, names and what else came along, [N] each) · `images.npy` if there
are pictures · `vectors.json` (title, classes, notes, hash). Row numbers of its data set lead back to these arrays.
"""

import errno
import json
import re
import secrets
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from explorer import reading
from explorer.data.dataset import Images, LeftOut, numpy_generator
from explorer.data.kept import digest
from explorer.data.layouts import SPLITS
from explorer.data.places import writing
from explorer.data.raw import Raw
from explorer.data.vectors.columns import Labels
from explorer.errors import Refused
from explorer.system.folders import imported_root
from explorer.system.mapped import mapped

META = "vectors.json"
ROW, NAME = "row", "name"  # columns of ours: the row of `vectors.npy`; what names it, if a column does
FILE_ROW = "row in the file"  # from 1, also where rows are left out
NAMED = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
FORMAT = 1
LEFT = 3600.0  # seconds after which what has no name was left behind
TEST, VALIDATION = 0.2, 0.1  # shares of each class


TRIES = 5  # at replacing a set, each of which another writer may foil


class Taken(Refused):
    """The name is another's: of a set, or of anything else that goes by names."""


class Stored(NamedTuple):
    """A set of finished vectors, as its folder says."""

    name: str
    title: str
    rows: int
    dim: int
    classes: tuple[str, ...]
    columns: tuple[str, ...]
    image: tuple[int, ...]  # shape of a picture; () = there are none
    hash: str
    created: str
    source: str  # the file that it was read from
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    owner: str = ""  # the person who has imported it; "" = the command line


def listing() -> dict[str, Stored]:
    """All sets by name; what cannot be read is passed over."""
    root = imported_root()
    folders = sorted(root.iterdir()) if root.is_dir() else []
    found = (find(folder.name) for folder in folders if NAMED.fullmatch(folder.name))
    return {it.name: it for it in found if it}


def find(name: str) -> Stored | None:
    """The set of that name, if there is one."""
    if not NAMED.fullmatch(name):
        return None
    try:
        fields = reading.fields(imported_root() / name / META)
        if fields.pop("format") != FORMAT:
            return None
        texts = {key: tuple(fields[key]) for key in ("classes", "columns", "image", "notes")}
        return Stored(**{**fields, **texts, "left_out": tuple(LeftOut(*pair) for pair in fields["left_out"])})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def folder(name: str) -> Path:
    """Where a set lies."""
    return imported_root() / name


def write(
    name: str, title: str, vectors: np.ndarray, labels: Labels, columns: Mapping[str, np.ndarray],
    images: np.ndarray | None, source: str, notes: tuple[str, ...], left_out: tuple[LeftOut, ...],
    owner: str = "", replace: bool = False,
) -> Stored:  # fmt: skip
    """Keep a set; it appears whole or not at all, and with `replace` in the place of one that had its name.

    Raises `Taken` where there is one and it was not to be replaced, also one that came up meanwhile.
    """
    whole = {**columns, "y": labels.y}
    content = digest(vectors, *(part for pair in sorted(whole.items()) for part in pair), images is not None)
    content = content if images is None else digest(content, images)
    shape = () if images is None else images.shape[1:]
    about = Stored(name, title, len(vectors), vectors.shape[1], labels.classes, tuple(columns), shape, content,
                   datetime.now().astimezone().isoformat(timespec="seconds"), source, notes, left_out,
                   owner)  # fmt: skip
    _sweep()
    new = imported_root() / f".new-{secrets.token_hex(8)}"
    with writing(imported_root(), "EXPLORER_RUNS"):
        new.mkdir(parents=True)
        try:
            np.save(new / "vectors.npy", vectors, allow_pickle=False)
            np.savez(new / "columns.npz", **whole)
            if images is not None:
                np.save(new / "images.npy", images, allow_pickle=False)
            (new / META).write_text(json.dumps({"format": FORMAT, **about._asdict()}, ensure_ascii=False, indent=1))
            _put(new, name, replace)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return about


def _put(new: Path, name: str, replace: bool) -> None:
    """Give a whole folder its name: the system renames onto a free place alone, as no set is an empty folder."""
    for _ in range(TRIES if replace else 1):
        if replace:
            remove(name)
        try:
            new.rename(folder(name))
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
    raise taken(name)


def taken(name: str) -> Taken:
    """The error that there is a set of this name."""
    return Taken(f"there are finished vectors '{name}' already: give another name, or replace them")


def remove(name: str) -> None:
    """Remove a set, if there is one: gone at once, also where its files take a while."""
    if NAMED.fullmatch(name) and folder(name).exists():
        gone = folder(name).rename(imported_root() / f".gone-{secrets.token_hex(8)}")
        shutil.rmtree(gone, ignore_errors=True)


def _sweep() -> None:
    """Remove what killed processes left of sets that were being written or removed."""
    for left in (*imported_root().glob(".new-*"), *imported_root().glob(".gone-*")):
        with suppress(OSError):  # somebody else sweeps, too
            if time.time() - left.stat().st_ctime > LEFT:
                shutil.rmtree(left, ignore_errors=True)


def vectors(name: str) -> np.ndarray:
    """All vectors float32 `[N, D]`, mapped from their file; raises `Refused` where that is gone or damaged."""
    try:
        return mapped(folder(name) / "vectors.npy")
    except (OSError, ValueError, EOFError):
        raise Refused(f"the vectors of '{name}' cannot be read: import them again") from None


def raw(name: str) -> Raw:
    """The set as rows of a data set: pictures if there are any, else the vectors themselves."""
    about = find(name)
    try:
        with np.load(folder(name) / "columns.npz", allow_pickle=False) as stored:
            columns: dict[str, Any] = {key: stored[key] for key in stored.files}
        x = mapped(folder(name) / ("images.npy" if about.image else "vectors.npy"))
    except (OSError, ValueError, EOFError, AttributeError):
        raise Refused(f"the vectors of '{name}' cannot be read: import them again") from None
    y = columns.pop("y")
    splits = {split: _taken(x, y, columns, rows) for split, rows in cut(y, columns, about.hash).items()}
    return Raw(about.classes, splits, about.left_out, modality="image" if about.image else "vector",
               original=about.hash if about.image else "")  # fmt: skip


def _taken(x: np.ndarray, y: np.ndarray, columns: dict[str, np.ndarray], rows: np.ndarray) -> Images:
    return Images(x[rows], y[rows], {name: values[rows] for name, values in columns.items()})


def cut(y: np.ndarray, columns: Mapping[str, np.ndarray], source: str) -> dict[str, np.ndarray]:
    """Rows of train, validation and test: as a column says that names all three, else a part of each class.

    A class of two gives one row in turn to validation and test, a class of one none.
    """
    given = next((columns[name] for name in columns if name.lower() in ("split", "partition")), None)
    if given is not None and given.dtype.kind == "U":
        names = np.array([SPLITS.get(word.strip().lower(), "") for word in given])
        if set(names) == {"train", "validation", "test"}:
            return {split: np.flatnonzero(names == split) for split in ("train", "validation", "test")}
    rng, part = numpy_generator(source, "cut"), np.zeros(len(y), np.int8)
    for turn, label in enumerate(np.unique(y)):
        rows = rng.permutation(np.flatnonzero(y == label))
        test, validation = (max(1, round(share * len(rows))) for share in (TEST, VALIDATION))
        if len(rows) < 3:
            test, validation = (len(rows) - 1, 0) if turn % 2 else (0, len(rows) - 1)
        part[rows[:test]], part[rows[test : test + validation]] = 2, 1
    return {split: np.flatnonzero(part == i) for i, split in enumerate(("train", "validation", "test"))}


def can_be_cut(y: np.ndarray) -> bool:
    """Whether each split gets a row, and training one of each class."""
    return all(map(len, cut(y, {}, "").values()))
