"""How long a run will take and how long it has to wait, from what earlier runs took on this machine.

Pages ask every second: what a finished run has taken is read once.
"""

import heapq
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

from explorer import runs
from explorer.jobs import engine
from explorer.jobs.places import place
from explorer.runs import Run, Spec, Status


class Past(NamedTuple):
    """What a run that has been worked on tells about others."""

    spec: Spec
    rate: float  # images per second, while it trained
    epoch: float  # images per epoch
    besides: float  # seconds for all but training: data, frames, scores; of other jobs the whole
    whole: bool  # whether it was done in one go


_known: dict[Path, Past | None] = {}  # of runs that have ended


def work_seconds(run: Run) -> float | None:
    """How long a run will take, or has still to take if it was interrupted; None where nothing like it was done yet."""
    spec = run.spec
    seen = [past for past in _past() if past.spec.kind == spec.kind and past.spec.dataset == spec.dataset]
    if spec.kind != "train":
        return _median(past.besides for past in seen if past.whole and _wish(past.spec) == _wish(spec))
    like = _first(seen, [_same(spec, "method", "encoder"), _same(spec, "encoder")])
    per_epoch = spec.train.get("subset") or _median(past.epoch for past in seen if _same(spec, "classes")(past.spec))
    rate, besides = _median(past.rate for past in like), _median(past.besides for past in like if past.whole)
    if not (rate and per_epoch):
        return None
    return max(0.0, spec.train.get("epochs", 0) - _had(run)) * per_epoch / rate + (besides or 0.0)


def starts(line: list[Run], under_way: list[Run]) -> dict[str, float | None]:
    """The seconds until each run of a line is started, behind those under way; None from the first unknown on."""
    if not line:
        return {}
    free_in = [*map(_left, under_way), *[0.0] * (engine.capacity(place(line[0])) - len(under_way))]
    known, found = None not in free_in, {}
    heapq.heapify(free_in if known else [])
    for run in line:
        found[run.id] = free_in[0] if known else None
        work = work_seconds(run) if known else None
        known = work is not None
        if known:
            heapq.heapreplace(free_in, free_in[0] + work)
    return found


def _left(run: Run) -> float | None:
    """What a run under way has still to do."""
    status = run.status
    if status.steps and status.step >= status.steps:
        return 0.0  # its scores are being computed
    if status.seconds_left is not None:
        return max(0.0, status.seconds_left - (time.time() - status.heartbeat))
    work = work_seconds(run)
    return None if work is None else max(0.0, work - (time.time() - (status.started or time.time())))


def _past() -> list[Past]:
    """All that has been worked on here; the models that came along were trained elsewhere."""
    return _gathered(runs.root(), int(time.monotonic()))


@lru_cache(maxsize=1)
def _gathered(folder: Path, _second: int) -> list[Past]:
    """Once a second is often enough, however many pages ask."""
    names = [path for path in folder.iterdir() if runs.ID.fullmatch(path.name)] if folder.is_dir() else []
    return [past for past in map(_read, names) if past]


def _read(folder: Path) -> Past | None:
    if folder in _known:
        return _known[folder]
    run = Run(folder)
    status = run.status
    past = _told(run.spec, status) if status.state in ("done", "running") else None
    if status.final:
        _known[folder] = past
    return past


def _told(spec: Spec, status: Status) -> Past | None:
    whole = status.state == "done" and status.attempts == 1 and not spec.parent
    taken = (status.finished or 0.0) - (status.started or 0.0)
    if spec.kind != "train":
        return Past(spec, 0.0, 0.0, taken, whole) if whole else None
    if not (status.rate and status.epoch):
        return None
    besides = max(0.0, taken - status.images / status.rate)
    return Past(spec, status.rate, status.images / status.epoch, besides, whole)


def _same(spec: Spec, *names: str) -> Callable[[Spec], bool]:
    """Whether another training is alike in these respects, and in the size of its images and its share of devices."""

    def alike(other: Spec) -> bool:
        return all(_knob(other, name) == _knob(spec, name) for name in (*names, "size", "devices"))

    return alike


def _knob(spec: Spec, name: str) -> object:
    return spec.method if name == "method" else spec.train.get(name) or None


def _wish(spec: Spec) -> dict[str, object]:
    return {name: value for name, value in spec.params.items() if name not in ("origin", "seed")}


def _had(run: Run) -> float:
    """Epochs that lie behind a run: its own, or those of the run that it continues."""
    if run.spec.relation != "continue" or run.status.epoch or not run.spec.parent:
        return run.status.epoch
    return Run(runs.root() / run.spec.parent).status.epoch


def _first(seen: list[Past], alike: list[Callable[[Spec], bool]]) -> list[Past]:
    """Those that are most alike."""
    return next(filter(None, ([past for past in seen if test(past.spec)] for test in alike)), [])


def _median(numbers: Iterable[float]) -> float | None:
    found = list(numbers)
    return median(found) if found else None
