"""The probe images of a run: of its data set where that is on this machine, else of the story it was opened from."""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from explorer import data, reading
from explorer.data import DataSet
from explorer.errors import Refused
from explorer.runs import Run, manifest
from explorer.tasks.stories import records
from explorer.tasks.stories.layout import ABOUT, THUMBNAILS


class Source(NamedTuple):
    """What is known of the images of a run."""

    title: str
    classes: tuple[str, ...]
    dataset: DataSet | None  # None: there are thumbnails alone
    thumbnails: dict[int, np.ndarray]  # `uint8 [C, h, w]` by row of validation

    def pictures(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Pictures `uint8 [N, C, h, w]` of rows of validation; black where there is none."""
        if self.dataset is not None:
            return data.thumbnails(self.dataset, "validation", rows)
        empty = np.zeros_like(next(iter(self.thumbnails.values())))
        return np.stack([self.thumbnails.get(int(row), empty) for row in rows])


def about(run: Run) -> records.About | None:
    """What the story says that a run was opened from; None where it was trained here."""
    path = run.folder / ABOUT
    try:
        stat = path.stat()
    except OSError:
        return None
    return _about(run, stat.st_mtime_ns, stat.st_ino)


@lru_cache(maxsize=64)
def _about(run: Run, modified: int, inode: int) -> records.About | None:
    try:
        return records.about(reading.content(run.folder / ABOUT), run.id)
    except (OSError, reading.Damaged, Refused):
        return None


def source(run: Run) -> Source | None:
    """Where the pictures of a run come from; None where there are none."""
    try:
        dataset = own(run, data.load(run.spec.dataset, run.spec.train.get("size") or 0))
    except Refused:
        dataset = None
    return source_of(run, dataset)


def source_of(run: Run, dataset: DataSet | None) -> Source | None:
    """The same where the data set of the run is known, or known not to be here."""
    if dataset is not None:
        return Source(dataset.title, dataset.classes, dataset, {})
    told = about(run)
    images = thumbnails(run) if told else {}
    return Source(told.data["title"], tuple(told.classes), None, images) if told and images else None


def own(run: Run, dataset: DataSet) -> DataSet | None:
    """The data set of this name, if it is the one that the run saw: elsewhere the name may mean other images.

    What a story says is not enough: its classes and the labels of its rows must be those of the data set.
    """
    told = about(run)
    if told is None:
        return dataset
    if dataset.hash != hash_of(run) or tuple(told.classes) != dataset.classes or "validation" not in dataset.splits:
        return None
    rows, y = labels(run)
    known = dataset.splits["validation"].y
    return dataset if len(rows) and rows.max() < len(known) and np.array_equal(known[rows], y) else None


def hash_of(run: Run) -> str:
    """The hash of the images that a run saw, as its curve says; empty where it says none."""
    return str(next((row["data"] for row in run.metrics() if "data" in row), ""))


def labels(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """The rows of validation `[N]` that the frames of a story are of, and their labels; empty where there are none."""
    steps = run.frames()
    try:
        return _labels(run, steps[0])
    except (IndexError, KeyError, Refused):
        return np.empty(0, int), np.empty(0, int)


@lru_cache(maxsize=64)
def _labels(run: Run, step: int) -> tuple[np.ndarray, np.ndarray]:
    frame = run.frame(step)
    return frame["rows"].astype(int), frame["y"].astype(int)


@lru_cache(maxsize=16)
def thumbnails(run: Run) -> dict[int, np.ndarray]:
    """The pictures that came with a story, by row; empty where none came."""
    try:
        content = manifest.content(run.folder, THUMBNAILS)
        with np.load(io.BytesIO(content or b""), allow_pickle=False) as stored:
            rows, images = stored["rows"], stored["images"]
    except (OSError, ValueError, EOFError, KeyError):
        return {}
    return dict(zip(rows.tolist(), images, strict=True))
