"""Importing finished vectors: from files to a name that is a model and a data set at once; listing, deleting."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np

from explorer import data, runs
from explorer.data.dataset import LeftOut
from explorer.data.vectors import columns, files, pictures, store
from explorer.data.vectors.columns import Labels
from explorer.data.vectors.store import Stored
from explorer.errors import Refused
from explorer.models import kind as kinds
from explorer.models.kind import KINDS
from explorer.runs import Busy

listing, find = store.listing, store.find
NOTED, LISTED = 5, 1000  # rows that are left out and named in a note, and in the list of what is left out
TITLE = 80  # letters
OWN = (store.ROW, store.NAME, store.FILE_ROW)  # columns that every set has


def import_vectors(
    vectors: str | Path, labels: str | Path | None = None, images: str | Path | None = None, name: str = "",
    title: str = "", label_column: str = "", replace: bool = False,
) -> Stored:  # fmt: skip
    """Read the files and keep what they hold: from then on `name` is a MODEL, and the DATASET of its rows.

    `vectors` is a npy, npz, csv, tsv or parquet file, `labels` another of as many rows, `images` a folder of pictures
    or one sprite. Rows in which a number is missing or infinite are left out, and said in the notes. Raises `Refused`
    with the file, the row and the column where something else is wrong.
    """
    path = Path(vectors).expanduser()
    name = checked_name(name or _name_of(path), replace)
    table = files.vectors(path)
    n, beside = len(table.vectors), dict(table.columns)
    if labels:
        beside |= files.columns(Path(labels).expanduser(), n, path.name)
    found = columns.labels(beside, n, label_column)
    called = columns.named(beside, found.column)
    shown = _images(images, n, beside, called) if images else None
    keep, left_out = _finite(table.vectors, path.name)
    found, note = _cut_possible(_take(found, keep))
    carried = {key: it[keep] for key, it in beside.items() if key not in (found.column, "y", *OWN)}
    carried |= {store.NAME: beside[called][keep].astype("U")} if called else {}
    carried |= {store.ROW: np.arange(len(keep)), store.FILE_ROW: keep + 1}
    notes = (*table.notes, *_said(found, called, carried), *note, *_left_out_said(left_out, n))
    return store.write(
        name, (title or name)[:TITLE], np.ascontiguousarray(table.vectors[keep]), found, carried,
        None if shown is None else shown[keep], path.name, notes, tuple(left_out[:LISTED]),
    )  # fmt: skip


def delete(name: str) -> None:
    """Remove imported vectors, and the maps, scores and other jobs about them; raises `Refused` for an unknown name."""
    if not store.find(name):
        raise Refused(f"no finished vectors '{name}'; choose from {', '.join(store.listing()) or 'nothing yet'}")
    store.remove(name)
    for job in runs.listing(kind=None, shipped=False):
        if name in job.spec.models or job.spec.dataset == name:
            with suppress(Busy, Refused, FileNotFoundError):
                runs.delete(job.id, among=())


def checked_name(name: str, replace: bool = False) -> str:
    """The name; raises `Refused` where it is none, or taken by a data set, a run or a kind of model."""
    if not store.NAMED.fullmatch(name):
        rule = "a name has 1-60 small letters, digits, '-' and '_', and begins with a letter or a digit"
        raise Refused(f"'{name[:60]}' cannot be a name: {rule}; give one with --name")
    if store.find(name):
        if not replace:
            raise Refused(f"there are finished vectors '{name}' already: give another name, or replace them")
        return name
    if kinds.named(name) or name in KINDS or name in data.catalogue() or runs.find(name):
        raise Refused(f"'{name}' is the name of a model, a run or a data set: give another one with --name")
    return name


def _name_of(path: Path) -> str:
    return re.sub(r"[^a-z0-9_-]+", "_", path.stem.lower()).strip("_-")[:60] or "vectors"


def _images(images: str | Path, n: int, beside: Mapping[str, np.ndarray], called: str) -> np.ndarray:
    texts = beside[called].tolist() if called and beside[called].dtype.kind == "U" else None
    return pictures.read(Path(images).expanduser(), n, texts)


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
