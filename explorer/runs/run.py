"""One run: a folder that says what it shall do, how far it has come and what came out of it.

`spec.json` (written once) · `title.txt` (if renamed) · `status.json` · `metrics.jsonl` · `frames/NNNNNN.npz` ·
`last/NNNNNN/` and `best/NNNNNN/` (checkpoints) · `scores.json` · `result.npz` · `manifest.jsonl` (what each of these
files may hold) · `log.txt` · `stop` · `lock` · `reserve` (given up when the disk is full).
Only the holder of the lock writes the status.
"""

import io
import json
import os
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import numpy as np

from explorer import Refused, choose, reading
from explorer.runs import atomic, checkpoints, locks, manifest, metrics
from explorer.runs.locks import Busy
from explorer.runs.records import FORMAT, FromTheFuture, Spec, Status, read_spec, read_status, readable

KEEPSAKES = ("result.npz", "scores.json", "export.zip")  # what a job makes, but for weights and frames
T = TypeVar("T")
_known: dict[Path, tuple[tuple[int, ...], Any]] = {}
_updating = RLock()  # threads of the one process that holds the lock


@dataclass(frozen=True)
class Run:
    """A run, known by its folder."""

    folder: Path
    shipped: bool = False

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def spec(self) -> Spec:
        """What the run shall do."""
        return self._read_spec()[0]

    @property
    def title(self) -> str:
        """The title it was given last."""
        with suppress(OSError, reading.Damaged):
            return readable(reading.text(self.folder / "title.txt", 4096)) or self.spec.title
        return self.spec.title

    @property
    def created(self) -> float:
        """When the folder was made, in seconds since 1970; 0 if it does not say."""
        try:
            return datetime.fromisoformat(self.spec.created).timestamp()  # `read_spec` has looked at it
        except ValueError:
            return 0.0

    @property
    def status(self) -> Status:
        """How far the run has come by now; a damaged folder is a failed run."""
        damage = self._read_spec()[1]
        if damage:
            return Status(state="failed", error=damage)
        return _remembered(self.folder, "status.json", read_status)

    def _read_spec(self) -> tuple[Spec, str | None]:
        return _remembered(self.folder, "spec.json", read_spec)

    def update(self, **fields: Any) -> Status:
        """Replaces fields of the status, atomically; raises `Refused` once the run is done, stopped or failed."""
        if self.shipped:
            raise Refused(f"'{self.id}' is a shipped model, which never changes; train one of your own")
        with _updating:
            _known.pop(self.folder / "status.json", None)  # who writes does not go by what was remembered
            status = self.status
            if status.final:
                raise Refused(f"'{self.id}' is {status.state}, which never changes; start a new run from it")
            now = time.time()
            status = Status.model_validate({**status.model_dump(), "heartbeat": now, **fields})
            if status.final and status.finished is None:
                status = status.model_copy(update={"finished": now})
            try:
                self.write_json("status.json", status.model_dump())
            except OSError as error:
                if not atomic.is_full(error) or not (self.folder / "reserve").exists():
                    raise
                (self.folder / "reserve").unlink()
                self.write_json("status.json", status.model_dump())
            if status.final:
                (self.folder / "reserve").unlink(missing_ok=True)
        return status

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Writes a small JSON file atomically."""
        atomic.replace(self.folder / name, json_bytes(content))

    def store(self, name: str, content: bytes | memoryview) -> None:
        """Writes a file that is not changed in place, and its row in the manifest."""
        manifest.store(self.folder, name, content)

    def write_checkpoint(self, step: int, content: dict[str, bytes], *names: str) -> None:
        """Adds a checkpoint, `last` unless other names are given, which appears whole or not at all.

        The one before it is kept, older ones go. What the curve says up to here outlasts a power cut, too.
        """
        with suppress(FileNotFoundError):  # nothing was said yet
            atomic.settle(self.folder / "metrics.jsonl")
        checkpoints.write(self.folder, step, content, names or ("last",))

    def checkpoint(self, name: str = "last") -> Path | None:
        """The folder of the newest intact checkpoint: what a training needs to go on."""
        older = self.folder if name == "last" and (self.folder / checkpoints.RESUME).exists() else None
        return checkpoints.newest(self.folder, name) or older

    def weights(self, which: str = "last") -> Path | None:
        """The newest intact weights, `last` or `best`; reads the file to compare it with the manifest."""
        return checkpoints.weights(self.folder, which)

    def has_weights(self, which: str = "last") -> bool:
        """Whether there are weights; whether they are intact is checked when they are loaded."""
        return self.newest_weights(which) is not None

    def newest_weights(self, which: str = "last") -> Path | None:
        """The weights that were written last, intact or not; costs nothing."""
        return next(iter(checkpoints.candidates(self.folder, which)), None)

    def damage(self) -> str:
        """A sentence if files of the run are not what was written into them; of a running one its caveat tells."""
        if self.shipped or self.status.state == "running":
            return ""
        sentences = [checkpoints.damage(self.folder)]
        unsound = [name for name in KEEPSAKES if not manifest.sound(self.folder, name)]
        return " ".join(filter(None, [*sentences, *(f"Its {name} is damaged." for name in unsound)]))

    def sound(self) -> bool:
        """Whether the job's result is as it was written."""
        return all(manifest.sound(self.folder, name) for name in KEEPSAKES)

    def metrics(self) -> list[dict[str, Any]]:
        """All rows that were appended; the rows are shared, do not change them."""
        return metrics.read(self.folder / "metrics.jsonl")

    def append(self, row: dict[str, Any]) -> None:
        """Adds one row to the metrics."""
        metrics.append(self.folder / "metrics.jsonl", row)

    def rewind(self, step: int) -> None:
        """Forgets what came after `step`: a run that resumes from a checkpoint comes past there again."""
        rows = [row for row in self.metrics() if row.get("step", 0) <= step]
        atomic.replace(self.folder / "metrics.jsonl", b"".join(map(metrics.encode, rows)))
        for later in self.frames():
            if later > step:
                self._frame(later).unlink()
        checkpoints.forget(self.folder, step)

    def frames(self) -> list[int]:
        """The steps at which a frame was taken."""
        return sorted(int(path.stem) for path in (self.folder / "frames").glob("[0-9]*.npz") if path.stem.isdecimal())

    def frame(self, step: int) -> dict[str, np.ndarray]:
        """The arrays of one frame; raises `Refused` with the steps that there are."""
        choose(f"frame of '{self.id}'", str(step), {str(known): known for known in self.frames()})
        mend = "choose another step, or train it again"
        return self._read_arrays(f"frames/{self._frame(step).name}", f"frame {step} of '{self.id}'", mend)

    def write_frame(self, step: int, **arrays: np.ndarray) -> None:
        """Stores the arrays of one frame."""
        self._write_arrays(f"frames/{self._frame(step).name}", arrays)

    def _frame(self, step: int) -> Path:
        return self.folder / "frames" / f"{step:06d}.npz"

    def scores(self) -> dict[str, Any] | None:
        """The final scores, if there are any yet that are not damaged."""
        with suppress(OSError, ValueError):
            content = manifest.content(self.folder, "scores.json")
            scores = None if content is None else reading.value(content)
            return scores if isinstance(scores, dict) else None
        return None

    def write_scores(self, scores: dict[str, Any]) -> None:
        """Stores the final scores."""
        self.store("scores.json", json_bytes(scores))

    def result(self) -> dict[str, np.ndarray] | None:
        """The arrays of the job's result, if there are any yet; raises `Refused` if they are damaged."""
        if not (self.folder / "result.npz").exists():
            return None
        arrays = self._read_arrays("result.npz", f"the result of '{self.id}'", "request it again to recompute it")
        if (format := int(arrays.pop("format", 1))) > FORMAT:
            raise FromTheFuture(f"the result of '{self.id}'", format, FORMAT)
        return arrays

    def _read_arrays(self, name: str, what: str, advice: str) -> dict[str, np.ndarray]:
        try:
            content = manifest.content(self.folder, name)
            if content is not None:
                with np.load(io.BytesIO(content), allow_pickle=False) as file:
                    return dict(file)
        except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error):
            pass
        raise Refused(f"{what} is damaged: {advice}")

    def write_result(self, **arrays: np.ndarray) -> None:
        """Stores the arrays of the job's result, with the number of their format."""
        self._write_arrays("result.npz", {**arrays, "format": FORMAT})

    def _write_arrays(self, name: str, arrays: dict[str, Any]) -> None:
        plain = {key: np.asarray(value) for key, value in arrays.items()}
        if incompatible := [key for key, value in plain.items() if value.dtype.hasobject]:
            raise TypeError(f"{', '.join(incompatible)}: arrays of Python objects are not stored; use numbers or text")
        buffer = io.BytesIO()
        np.savez(buffer, **plain)
        self.store(name, buffer.getbuffer())

    def request_stop(self) -> None:
        """Asks the run to stop; one that no process works on is stopped at once."""
        if self.shipped or self.status.final:
            return
        (self.folder / "stop").touch()
        with suppress(Busy), self.lock(wait=0.3 if self.status.state == "queued" else 0.0):
            if not self.status.final:
                self.update(state="stopped", message="" if self.status.attempts else "Stopped before it was started.")

    def stop_requested(self) -> bool:
        """Whether somebody asked the run to stop."""
        return (self.folder / "stop").exists()

    def log_tail(self, n: int = 30) -> str:
        """The last `n` lines of the log."""
        path = self.folder / "log.txt"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - 65536))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-n:])

    def disk_bytes(self) -> int:
        """What the folder takes on the disk; of a run that has ended, measured once."""
        return _remembered(self.folder, "", _disk_bytes) if self.status.final else _disk_bytes(self.folder)

    def lock(self, wait: float = 0.0) -> AbstractContextManager[int]:
        """Holds the run for one process to work on; raises `Busy` if another does, after `wait` seconds."""
        return locks.hold(self.folder / "lock", wait)

    def held(self) -> bool:
        """Whether a living process works on the run."""
        return locks.held(self.folder / "lock")


def json_bytes(content: dict[str, Any]) -> bytes:
    """JSON that people can read."""
    return json.dumps(content, default=metrics.plain, ensure_ascii=False, indent=1).encode()


def _disk_bytes(folder: Path) -> int:
    sizes = {}
    for path, _, names in os.walk(folder):  # passes over a folder of weights that is gone by now
        for name in names:
            with suppress(OSError):  # a temporary file that is gone by now
                stat = Path(path, name).stat()
                sizes[stat.st_ino] = stat.st_size  # a file of two names takes its place once
    return sum(sizes.values())


def _remembered(folder: Path, name: str, read: Callable[[Path], T]) -> T:
    """What `read` makes of a folder, again only if that file has been replaced: pages look at all runs every second.

    Without a name it is the folder itself, which changes as soon as a file in it gets or loses its name.
    """
    path = folder / name
    try:
        stat = path.stat()
    except OSError:
        return read(folder)
    key = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    known = _known.get(path)
    if known is None or known[0] != key:
        known = _known[path] = (key, read(folder))
    return known[1]
