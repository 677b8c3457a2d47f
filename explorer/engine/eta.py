"""How long a run will take and how long it has to wait, from what earlier runs took on this machine.

Pages ask every second: what a finished run has taken is read once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

from explorer import reading, runs
from explorer.engine.resources import capacity, occupied
from explorer.runs import Run, Spec, Status, store

CARD = "card.json"  # of a shipped model
SPEED = "speed"  # the kind of job that measures how fast this machine is


class Like(NamedTuple):
    """What decides how long a job takes, but for its epochs."""

    kind: str
    dataset: str
    method: str | None
    encoder: str | None
    size: int
    devices: int
    classes: tuple[str, ...]
    subset: int
    pool: str
    params: str  # what was asked for, as JSON
    load: tuple[float, ...]  # batch, width, share of cheap steps: small batches and wide networks take longer
    hyperparameters: str  # the method's own, as JSON


class Past(NamedTuple):
    """What a run that has been worked on tells about others."""

    like: Like
    rate: float  # images per second, while it trained
    epoch: float  # images per epoch
    besides: float  # seconds for all but training: data, frames, scores; of other jobs the whole
    whole: bool  # whether it was done in one go
    solved: bool = False  # in closed form: it tells nothing of a training's pace

    def on_machine(self, speed: float) -> Past:
        """The same on a machine that is `speed` times as fast."""
        return self._replace(rate=self.rate * speed, besides=self.besides / speed)


class Pace(NamedTuple):
    """How long a job will take, as far as earlier ones tell."""

    epoch: float  # seconds
    besides: float | None  # None where none of them was done in one go


_known: dict[Path, tuple[tuple[int, ...] | None, Past | None]] = {}  # of runs that have ended, and of which status file


def work_seconds(run: Run) -> float | None:
    """How long a run will take, or has still to take if it was interrupted; None where nothing like it was done yet."""
    pace = _pace(runs.root(), int(time.monotonic()), _like(run.spec))
    if pace is None:
        return None
    epochs = run.spec.train.get("epochs", 0)
    return (pace.besides or 0.0) + (max(0.0, epochs - _had(run)) * pace.epoch if epochs else 0.0)


@lru_cache(maxsize=512)
def _pace(folder: Path, second: int, like: Like) -> Pace | None:
    """What all jobs alike have in common; asked once a second, however many of them wait.

    The same method comes first, here and among the models that came along; then others, if both train in steps.
    """
    known = _gathered(folder, second), _shipped(folder, second)
    same = [[past for past in of if past.like.method == like.method] for of in known]
    others = [[past for past in of if past.like.method != like.method and not past.solved] for of in known]
    if any(past.solved for of in same for past in of):
        others = []
    paces = [pace for of in (*same, *others) if (pace := _pace_of(of, like))]
    besides = next((pace.besides for pace in paces if pace.besides is not None), None)
    return paces[0]._replace(besides=besides) if paces else None


def _pace_of(known: list[Past], like: Like) -> Pace | None:
    alike = [past for past in known if past.like[:2] == like[:2]]  # their kind and their data
    if like.pool != "training":
        taken = _median(past.besides for past in alike if past.whole and past.like.params == like.params)
        return None if taken is None else Pace(0.0, taken)
    near = [past for past in alike if past.like[3:6] == like[3:6]]  # encoder, size and devices
    besides = _median(past.besides for past in _nearest([past for past in near if past.whole], like))
    if near and all(past.solved for past in near):
        return None if besides is None else Pace(0.0, besides)
    per_epoch = like.subset or _median(past.epoch for past in alike if _same_images(past.like, like))
    rate = _median(past.rate for past in _nearest(near, like))
    return Pace(per_epoch / rate, besides) if rate and per_epoch else None


def _nearest(near: list[Past], like: Like) -> list[Past]:
    """Those of the same method, load and hyperparameters, as far as there are any."""
    for which in ("method", "load", "hyperparameters"):
        near = [past for past in near if getattr(past.like, which) == getattr(like, which)] or near
    return near


def starts(line: list[Run], under_way: list[Run]) -> dict[str, float | None]:
    """The seconds until each run of a line is started, behind those under way; None from the first unknown on.

    A run on several GPUs is started when as many slots are free; those behind it wait for it, too.
    """
    if not line:
        return {}
    free_in = _free_in(line[0].spec.pool, under_way)  # the seconds until each slot is free
    known, seconds = None not in free_in, {}
    for run in line:
        needed, start = occupied(run.spec), None
        if known and needed <= len(free_in):
            free_in.sort()
            start, work = free_in[needed - 1], work_seconds(run)
            known = work is not None
            free_in[:needed] = [start + (work or 0.0)] * needed
        seconds[run.id] = start
    return seconds


def _free_in(pool: str, under_way: list[Run]) -> list[float | None]:
    taken = [left for run in under_way for left in [_left(run)] * occupied(run.spec)]
    return taken + [0.0] * (capacity(pool) - len(taken))


def _left(run: Run) -> float | None:
    """What a run under way has still to do."""
    status = run.status
    if status.steps and status.step >= status.steps:
        return 0.0  # its scores are being computed
    if status.seconds_left is not None:
        return max(0.0, status.seconds_left - (time.time() - status.heartbeat))
    work = work_seconds(run)
    return None if work is None else max(0.0, work - (time.time() - (status.started or time.time())))


@lru_cache(maxsize=1)
def _gathered(folder: Path, _second: int) -> list[Past]:
    """All that has been worked on here; the models that came along were trained elsewhere."""
    return [past for past in map(_read, _folders(folder)) if past]


@lru_cache(maxsize=1)
def _shipped(folder: Path, _second: int) -> list[Past]:
    """What the trainings of the models that came along would take here; nothing until the speed has been measured.

    It is measured by the training of one of them, and tells of others on a device like that: how long a training takes
    here that a GPU has done elsewhere, the pace of a processor's does not say.
    """
    known: dict[str, list[float]] = {}  # by the device on which the timed training was done
    for run in (Run(path) for path in _folders(folder) if path.name.startswith(f"{SPEED}-")):
        if run.status.state == "done" and (relative := (run.scores() or {}).get("relative")):
            known.setdefault(_device(Run(store.SHIPPED / str(run.spec.model))), []).append(relative)
    shipped = [(Run(path), _read(path)) for path in _folders(store.SHIPPED)]
    alike = [(run, past, _median(known.get(_device(run), ()))) for run, past in shipped if past]
    return [past.on_machine(speed * crowding(run)) for run, past, speed in alike if speed]


def _device(run: Run) -> str:
    """The kind of device on which a run was done: "cpu", or the name of a GPU."""
    return run.status.device.partition(",")[0]


def crowding(run: Run) -> float:
    """By how much a shipped training took longer than its own share of the processor: other work ran beside it."""
    try:
        known = reading.fields(run.folder / CARD)
    except (OSError, ValueError):  # none, or a damaged one
        known = {}
    seconds, own = known.get("seconds"), known.get("core_seconds")
    return max(1.0, seconds / own) if seconds and own else 1.0


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if runs.ID.fullmatch(path.name)] if folder.is_dir() else []


def _read(folder: Path) -> Past | None:
    state = store.file_identity(f"{folder}/status.json")  # what failed may be made anew in the same folder
    known = _known.get(folder)
    if known and known[0] == state:
        return known[1]
    run = Run(folder)
    status = run.status
    past = _past(run.spec, status, _closed_form(run)) if status.state in ("done", "running") else None
    if status.final:
        _known[folder] = state, past
    return past


def _closed_form(run: Run) -> bool:
    """Whether its one step was a closed form's: its curve says so; in older ones it has fewer steps than epochs."""
    if run.status.steps != 1:
        return False
    return run.spec.train.get("epochs", 1) > 1 or any(row.get("solved") for row in run.metrics())


def _past(spec: Spec, status: Status, solved: bool) -> Past | None:
    whole = status.state == "done" and status.attempts == 1 and spec.relation != "continue"
    taken = (status.finished or 0.0) - (status.started or 0.0)
    if spec.pool != "training":
        return Past(_like(spec), 0.0, 0.0, taken, whole) if whole else None
    if not (status.rate and status.epoch):
        return None
    besides = taken if solved else max(0.0, taken - status.images / status.rate)
    return Past(_like(spec), status.rate, status.images / status.epoch, besides, whole, solved)


def _like(spec: Spec) -> Like:
    setting, params = spec.train.get, {k: v for k, v in spec.params.items() if k not in ("origin", "seed")}
    return Like(
        spec.kind, spec.dataset, spec.method, setting("encoder"), setting("size") or 0, setting("devices") or 0,
        tuple(setting("classes") or ()), setting("subset") or 0, spec.pool, json.dumps(params, sort_keys=True),
        (setting("batch") or 0, setting("width") or 1.0, setting("half_resolution") or 0.0),
        json.dumps(spec.hyperparameters, sort_keys=True),
    )  # fmt: skip


def _same_images(one: Like, other: Like) -> bool:
    return (one.classes, one.size, one.devices) == (other.classes, other.size, other.devices)


def _had(run: Run) -> float:
    """Epochs that lie behind a run: its own, or those of the run that it continues."""
    if run.spec.relation != "continue" or run.status.epoch or not run.spec.parent:
        return run.status.epoch
    return Run(runs.root() / run.spec.parent).status.epoch


def _median(numbers: Iterable[float]) -> float | None:
    known = list(numbers)
    return median(known) if known else None
