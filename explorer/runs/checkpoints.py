"""Checkpoints: `<run>/<name>/<step>/`, a folder that gets its name when all its files are on the disk.

The two newest are kept. One counts only if the manifest has every file as it is; if the newest does not, the one before
it is used. Runs of older versions have their files in the run's folder itself.
"""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explorer.runs import atomic, manifest

WEIGHTS = "model.safetensors"
RESUME = "resume.pt"
FILES = {"last": (WEIGHTS, RESUME), "best": (WEIGHTS,)}
OLDER = {"last": WEIGHTS, "best": "best.safetensors"}  # their names in the run's folder itself
KEPT = 2
LOOKS = 5  # a run that is being trained removes old checkpoints while somebody reads


def write(folder: Path, step: int, content: dict[str, bytes], names: tuple[str, ...] = ("last",)) -> None:
    """Adds a checkpoint under each of these names, its files once, and removes all but the two newest of each.

    Raises `OSError` where it cannot, and the others stay.
    """
    rows = {file: manifest.row(file, data) for file, data in content.items()}
    written: dict[str, Path] = {}
    for name in names:
        place = at(folder, name, step)
        paths = {file: place / file for file in FILES[name]}
        with _appearing(place) as new:
            for file in paths:
                atomic.link(written[file], new / file) if file in written else atomic.put(new / file, content[file])
            named = {file: path.relative_to(folder).as_posix() for file, path in paths.items()}
            manifest.record(folder, [{**rows[file], "name": path} for file, path in named.items()])
        for file, path in paths.items():
            manifest.written(path, rows[file]["sha256"])
        written |= paths
        _tidy(folder, name, place)


@contextmanager
def _appearing(place: Path) -> Iterator[Path]:
    """A hidden folder that gets its name at the end of the block."""
    atomic.make(place.parent)
    new = place.with_name(f".new-{secrets.token_hex(8)}")
    try:
        new.mkdir()
        yield new
        atomic.sync(new)
        if place.exists():  # a damaged one, or the same again
            remove(place)
        new.rename(place)
        atomic.sync(place.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def remove(place: Path) -> None:
    """Takes a checkpoint's name away first, so that nobody finds half of it."""
    gone = place.with_name(f".gone-{secrets.token_hex(8)}")
    place.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def _tidy(folder: Path, name: str, new: Path) -> None:
    """Keeps the new one and the newest intact one before it; what killed processes left behind goes as well.

    What this process wrote and nobody touched is taken for intact: hashing it costs as much as the step before.
    """
    before = [step for step in steps(folder, name) if step != int(new.name)]
    kept = next((step for step in before if intact(folder, name, step, again=False)), None)
    for step in before:
        if step != kept:
            remove(at(folder, name, step))
    for left in new.parent.glob(".*"):
        shutil.rmtree(left, ignore_errors=True)


def forget(folder: Path, after: int) -> None:
    """Removes the checkpoints of later steps: a run that goes on before them comes past there again."""
    for name in FILES:
        for step in steps(folder, name):
            if step > after:
                remove(at(folder, name, step))


def at(folder: Path, name: str, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / name / f"{step:06d}"


def steps(folder: Path, name: str) -> list[int]:
    """The steps of which there are checkpoints, intact or not, newest first."""
    return sorted((int(path.name) for path in (folder / name).glob("[0-9]*") if path.name.isdecimal()), reverse=True)


def intact(folder: Path, name: str, step: int, only: tuple[str, ...] = (), again: bool = True) -> bool:
    """Whether all files of a checkpoint (or `only` some) are there and as they were written."""
    wanted = only or FILES[name]
    return all(manifest.intact(folder, f"{name}/{step:06d}/{file}", again) for file in wanted)


def newest(
    folder: Path, name: str, only: tuple[str, ...] = (), again: bool = True, until: int | None = None
) -> Path | None:
    """The newest intact checkpoint, of the step `until` or before."""
    for _ in range(LOOKS):
        known = steps(folder, name)
        for step in (step for step in known if until is None or step <= until):
            with suppress(OSError):  # what cannot be read is as good as damaged
                if intact(folder, name, step, only, again):
                    return at(folder, name, step)
        if known == steps(folder, name):  # none was removed meanwhile
            return None
    return None


def weights(folder: Path, name: str) -> Path | None:
    """The file of the newest intact weights, of this layout or the older one."""
    if checkpoint := newest(folder, name, (WEIGHTS,)):
        return checkpoint / WEIGHTS
    older = folder / OLDER[name]
    return older if older.exists() else None


def candidates(folder: Path, name: str) -> list[Path]:
    """Weights files that there are, intact or not, newest first."""
    files = [at(folder, name, step) / WEIGHTS for step in steps(folder, name)]
    return [path for path in [*files, folder / OLDER[name]] if path.exists()]


def damage(folder: Path, name: str = "last") -> str:
    """A sentence if the newest checkpoint is damaged: which one is used instead."""
    known = steps(folder, name)
    used = newest(folder, name, again=False)
    if not known or used == at(folder, name, known[0]):
        return ""
    if used is None and (folder / OLDER[name]).exists():
        return f"Its checkpoint of step {known[0]} is damaged; an older one is used."
    if used is None:
        return "Its checkpoints are damaged."
    return f"Its checkpoint of step {known[0]} is damaged; the one of step {int(used.name)} is used."
