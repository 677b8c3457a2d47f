"""Importing finished vectors: from files to a name that is a model and a data set at once; listing, deleting."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer import data, runs
from explorer.data.dataset import LeftOut
from explorer.data.vectors import columns, files, pictures, store
from explorer.data.vectors.columns import Labels
from explorer.data.vectors.store import Stored
from explorer.data.vectors.tables import Table
from explorer.errors import Refused
from explorer.models import kind as kinds
from explorer.models.kind import KINDS
from explorer.tasks import deletion

listing, find = store.listing, store.find
NOTED, LISTED = 5, 1000  # rows that are left out and named in a note, and in the list of what is left out
TITLE = 80  # letters
MOST_NAMES = 1000  # sets of one title
OWN = (store.ROW, store.NAME, store.FILE_ROW)  # columns that every set has


class Opened(NamedTuple):
    """What files of finished vectors hold, before it is decided which column is the label."""

    source: str  # the name of the file with the vectors
    table: Table
    columns: dict[str, np.ndarray]  # [N] each, of both files
    images: np.ndarray | None  # uint8 [N, C, size, size]


class Finished(NamedTuple):
    """Finished vectors as they will be kept."""

    vectors: np.ndarray  # float32 [N, D], all finite
    labels: Labels
    columns: dict[str, np.ndarray]  # [N] each, without the label
    images: np.ndarray | None
    source: str
    notes: tuple[str, ...]  # what was understood, a sentence each
    left_out: tuple[LeftOut, ...]


def import_vectors(
    vectors: str | Path, labels: str | Path | None = None, images: str | Path | None = None, name: str = "",
    title: str = "", label_column: str = "", replace: bool = False,
) -> Stored:  # fmt: skip
    """Read the files and keep what they hold: from then on `name` is a MODEL, and the DATASET of its rows.

    `vectors` is a npy, npz, csv, tsv or parquet file, `labels` another of as many rows, `images` a folder or a zip of
    pictures or one sprite. Rows in which a number is missing or infinite are left out, and said in the notes. Raises
    `Refused` with the file, the row and the column where something else is wrong.
    """
    name = checked_name(name or name_of(vectors), replace)
    return keep(understood(opened(vectors, labels, images), label_column), name, title, replace)


def opened(vectors: str | Path, labels: str | Path | None = None, images: str | Path | None = None) -> Opened:
    """Read the files, and keep nothing; raises `Refused`."""
    path = Path(vectors).expanduser()
    table = files.vectors(path)
    n, beside = len(table.vectors), dict(table.columns)
    if labels:
        beside |= files.columns(Path(labels).expanduser(), n, path.name)
    if not images:
        return Opened(path.name, table, beside, None)
    found, note = _images(Path(images).expanduser(), n, beside)
    return Opened(path.name, table._replace(notes=(*table.notes, *note)), beside, found)


def understood(found: Opened, label_column: str = "") -> Finished:
    """What will be kept of it, with the labels of this column, or of the one that looks like labels; raises `Refused`.

    Rows that are not finite are left out, and said in the notes. Where all are kept, vectors and images are those of
    `found`, not copied.
    """
    beside, n = found.columns, len(found.table.vectors)
    labels = columns.labels(beside, n, label_column)
    called = columns.named(beside, labels.column)
    kept, left_out = _finite(found.table.vectors, found.source)
    rows = kept if left_out else slice(None)
    labels, note = _cut_possible(_take(labels, kept))
    carried = {key: it[kept] for key, it in beside.items() if key not in (labels.column, "y", *OWN)}
    carried |= {store.NAME: beside[called][kept].astype("U")} if called else {}
    carried |= {store.ROW: np.arange(len(kept)), store.FILE_ROW: kept + 1}
    notes = (*found.table.notes, *_said(labels, called, carried), *note, *_left_out_said(left_out, n))
    return Finished(
        np.ascontiguousarray(found.table.vectors[rows]), labels, carried,
        None if found.images is None else found.images[rows], found.source, notes, tuple(left_out[:LISTED]),
    )  # fmt: skip


def keep(it: Finished, name: str, title: str = "", replace: bool = False, owner: str = "") -> Stored:
    """Keep them under this name for whoever `owner` is; raises `Refused` where the name is none, or taken.

    With `replace` they take the place of those of that name, if these may be deleted.
    """
    name, title = checked_name(name, replace), (title or name)[:TITLE]
    return store.write(
        name, title, it.vectors, it.labels, it.columns, it.images, it.source, it.notes, it.left_out, owner, replace
    )


def keep_beside(it: Finished, title: str, owner: str = "") -> Stored:
    """Keep them under a free name made of their title, with a number behind it where that is taken."""
    name = name_of(f"{title}.x")
    for i in range(1, MOST_NAMES):
        with suppress(store.Taken):  # also by who imports at the same moment
            return keep(it, name if i == 1 else f"{name[:55]}-{i}", title, owner=owner)
    raise Refused(f"there are too many sets called '{name}': give another name")


def delete(name: str) -> None:
    """Remove imported vectors, and the maps, scores and other jobs about them, but no training.

    Raises `Refused` for an unknown name, where models were trained on them, and while a job about them is running.
    """
    if not store.find(name):
        raise Refused(f"no finished vectors '{name}'; choose from {', '.join(store.listing()) or 'nothing yet'}")
    deletion.delete_jobs(name)
    store.remove(name)


def checked_name(name: str, replace: bool = False) -> str:
    """The name; raises `Refused` where it is none, or taken by a data set, a run or a kind of model.

    With `replace` it may be that of vectors that may be deleted.
    """
    if not store.NAMED.fullmatch(name):
        rule = "a name has 1-60 small letters, digits, '-' and '_', and begins with a letter or a digit"
        raise Refused(f"'{name[:60]}' cannot be a name: {rule}; give another one")
    if store.find(name):
        if not replace:
            raise store.taken(name)
        deletion.checked_jobs(name)
        return name
    if kinds.named(name) or name in KINDS or name in data.catalogue() or runs.find(name):
        raise store.Taken(f"'{name}' is the name of a model, a run or a data set: give another one")
    return name


def name_of(path: str | Path) -> str:
    """What a set is called that is given no name: as its file."""
    return re.sub(r"[^a-z0-9_-]+", "_", Path(path).stem.lower()).strip("_-")[:60] or "vectors"


def _images(path: Path, n: int, beside: Mapping[str, np.ndarray]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The pictures of the rows, and what decided which is whose: a column of files, the one of names, or their order.

    A sprite says nothing: its tiles lie as the rows do.
    """
    called = columns.named(beside, columns.labels(beside, n).column)
    texts = [name for name, it in beside.items() if it.dtype.kind == "U"]
    files_first = sorted(texts, key=lambda name: (name.strip().lower() not in columns.FILES, name != called))
    for name in files_first:
        if name != called and name.strip().lower() not in columns.FILES:
            break
        if pictures.by_name(path, names := beside[name].tolist()):
            return pictures.read(path, n, names), (f"pictures by the column '{name}'",)
    several = pictures.are_several(path)
    return pictures.read(path, n), ("pictures in the order of their names",) if several else ()


def _finite(vectors: np.ndarray, name: str) -> tuple[np.ndarray, list[LeftOut]]:
    """The rows that can be used, and why the others cannot."""
    good = np.isfinite(vectors).all(1)
    if good.sum() < files.LEAST:
        first = int(np.flatnonzero(~good)[0])
        column = int(np.flatnonzero(~np.isfinite(vectors[first]))[0])
        rule = f"at least {files.LEAST} rows must be finite"
        raise Refused(f"{name}: row {first + 1}, column {column + 1} is {vectors[first, column]}, and {rule}")
    bad = np.flatnonzero(~good)
    left_out = []
    for row in bad:
        column = int(np.flatnonzero(~np.isfinite(vectors[row]))[0])
        left_out.append(LeftOut(f"row {row + 1}", f"its number {column + 1} is {vectors[row, column]}"))
    return np.flatnonzero(good), left_out


def _take(found: Labels, keep: np.ndarray) -> Labels:
    """The labels of some rows; classes without any of them go."""
    kept, y = np.unique(found.y[keep], return_inverse=True)
    return Labels(y.reshape(-1).astype(np.int64), tuple(found.classes[i] for i in kept), found.column)


def _cut_possible(found: Labels) -> tuple[Labels, tuple[str, ...]]:
    """The labels; one class for all where the classes are too small for three splits."""
    if store.can_be_cut(found.y):
        return found, ()
    note = f"the classes of '{found.column}' are too small for three splits, so all rows count as one class"
    return Labels(np.zeros(len(found.y), np.int64), (columns.UNLABELLED,), ""), (note,)


def _said(found: Labels, called: str, carried: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    labelled = f"'{found.column}' is the label ({len(found.classes):,} classes)" if found.column else "no labels"
    others = [key for key in carried if key not in (*OWN, called)]
    named = [f"'{called}' names the rows"] if called else []
    rest = [f"also carried along: {', '.join(others[:8])}{' …' if len(others) > 8 else ''}"] if others else []
    return (labelled, *named, *rest)


def _left_out_said(left_out: list[LeftOut], n: int) -> tuple[str, ...]:
    if not left_out:
        return ()
    named = "; ".join(f"{it.path}: {it.why}" for it in left_out[:NOTED])
    more = " …" if len(left_out) > NOTED else ""
    return (f"{len(left_out):,} of {n:,} rows are left out, as they are not finite ({named}{more})",)
