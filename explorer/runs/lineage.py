"""A run that goes on where another one ended starts with that one's checkpoint, frames and curve in its own folder."""

from contextlib import suppress
from pathlib import Path

from explorer import Refused
from explorer.runs import atomic, checkpoints, manifest
from explorer.runs.run import Run


def inherit(parent: Run, child: Run) -> str:
    """Links what the child run needs; returns the caveats of its parent. Raises `Refused` without a checkpoint."""
    checkpoint = parent.checkpoint()
    if checkpoint is None:
        why = "its checkpoints are damaged" if parent.has_weights() else "it ended before its first"
        raise Refused(f"'{parent.id}' has no checkpoint to continue from ({why}): train it again")
    frames = [Path("frames") / f"{step:06d}.npz" for step in parent.frames()]
    until = int(checkpoint.name) if checkpoint != parent.folder else None  # it will come past later ones again
    best = checkpoints.newest(parent.folder, "best", until=until)
    kept = [path.relative_to(parent.folder) for path in (*_files(checkpoint), *_files(best))]
    manifest.copy(parent.folder, child.folder, {path.as_posix() for path in (*frames, *kept)})
    for place in {path.parent for path in (*frames, *kept)}:
        (child.folder / place).mkdir(parents=True, exist_ok=True)
    for path in (*frames, *kept):
        atomic.link(parent.folder / path, child.folder / path)
    with suppress(FileNotFoundError):
        atomic.put(child.folder / "metrics.jsonl", (parent.folder / "metrics.jsonl").read_bytes())
    for place in (child.folder, *(path for path in child.folder.rglob("*") if path.is_dir())):
        atomic.sync(place)
    return "; ".join(filter(None, [parent.status.caveat, parent.damage().rstrip(".")]))


def _files(checkpoint: Path | None) -> list[Path]:
    """The files of a checkpoint; those of an older version lie in the run's folder itself."""
    if checkpoint is None:
        return []
    if checkpoint.name.isdecimal() and checkpoint.parent.name in checkpoints.FILES:
        return [checkpoint / file for file in checkpoints.FILES[checkpoint.parent.name]]
    older = [checkpoint / file for file in (checkpoints.RESUME, *checkpoints.OLDER.values())]
    return [path for path in older if path.exists()]
