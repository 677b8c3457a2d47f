"""The film of a map that is optimised: pictures in the folder of its job, and a stop that is heard.

`film/NNNNNN.npy` holds the coordinates after so many steps, float16 `[N, d]`, centred, the largest of them 1 (the size
of a t-SNE means nothing while it grows). The last picture of all is the result itself.
"""

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from explorer.evaluation.watching import frames, is_taken
from explorer.runs import Run

FOLDER = "film"
PAUSE = 0.25  # seconds between two notes of how far it has come


class Picture(NamedTuple):
    """How far a map had come."""

    step: int
    coords: np.ndarray  # float32 [N, d], centred, the largest 1


class Film:
    """Takes the pictures of one job and notes its steps; those of an attempt that was cut short are forgotten."""

    def __init__(self, run: Run, dims: int = 2) -> None:
        self.run, self.dims, self.before, self.noted = run, dims, 0, 0.0
        for path in (run.folder / FOLDER).glob("*.npy"):
            path.unlink(missing_ok=True)

    def watch(self, step: int, of: int, coords: np.ndarray) -> bool:
        """Whether it shall stop here; what `projections.project` calls."""
        if is_taken(step, self.before, of, frames(len(coords), self.dims)):
            self.before = step
            self._take(step, coords)
        if step == of or time.monotonic() - self.noted > PAUSE:
            self.noted = time.monotonic()
            self.run.update(step=step, steps=of)
        return step < of and self.run.stop_requested()

    def _take(self, step: int, coords: np.ndarray) -> None:
        folder = self.run.folder / FOLDER
        folder.mkdir(exist_ok=True)
        path = folder / f"{step:06d}.npy"
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, scaled(coords).astype(np.float16), allow_pickle=False)
        part.replace(path)


def scaled(coords: np.ndarray) -> np.ndarray:
    """Coordinates around their middle, the largest of them 1."""
    coords = np.asarray(coords, np.float64) - np.mean(coords, axis=0)
    return coords / max(float(np.abs(coords).max()), 1e-30)


def steps(run: Run) -> list[int]:
    """The steps of which there are pictures, also while it is drawn."""
    return sorted(int(path.stem) for path in (run.folder / FOLDER).glob("*.npy") if path.stem.isdecimal())


def picture(run: Run, step: int) -> Picture | None:
    """One picture; None where it is gone or damaged."""
    try:
        coords = np.load(_path(run, step), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return Picture(step, coords.astype(np.float32))


def newest(run: Run) -> Picture | None:
    """How far a map has come that is being drawn; None before its first picture."""
    taken = steps(run)
    return picture(run, taken[-1]) if taken else None


def film(run: Run) -> list[Picture]:
    """All pictures, and last the result if there is one."""
    pictures = [found for step in steps(run) if (found := picture(run, step))]
    result = run.result()
    if result is None:
        return pictures
    last = max(run.status.step, pictures[-1].step if pictures else 0)
    return [*pictures, Picture(last, scaled(result["coords"]).astype(np.float32))]


def _path(run: Run, step: int) -> Path:
    return run.folder / FOLDER / f"{step:06d}.npy"
