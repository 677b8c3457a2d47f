"""One training from its present step to its end or its stop: what is written, and when.

Runs and the trials of studies go through the same loop. A run is watched by a monitor and chooses its best weights on
held-out images; a trial has neither, and only keeps what it needs to go on.
"""

import math
from time import perf_counter, process_time
from typing import Any

import numpy as np
from torch import Tensor

from explorer import Refused
from explorer.core import Method, Split
from explorer.runs import Run
from explorer.tasks.training import checkpointing
from explorer.tasks.training.monitor import Monitor
from explorer.train import Fit, NonFiniteGuard, Step, validate

FRAMES = 40  # at most
KEEP = 20.0  # seconds of training that a killed process may cost
LOG_EVERY = 0.3  # seconds between two rows of the curve
NUMBERS = 2**24  # held at once where all images are looked at


class Diverged(Refused):
    """A training whose loss or weights became no numbers: which, what it became, and at which step."""

    def __init__(self, t: int, name: str, value: float, advice: str) -> None:
        self.t, self.reason = t, f"{name} became {value} at step {t}"
        super().__init__(f"{self.reason}: {advice}")


def frame_steps(steps: int, per_epoch: int) -> set[int]:
    """Step 0, log-spaced steps of the first epoch, every epoch (thinned evenly if there are too many), the last."""
    first = {0, steps, *(int(s) for s in np.geomspace(1, min(per_epoch, steps), 9))}
    epochs = list(range(per_epoch, steps + 1, per_epoch))
    room = FRAMES - len(first)
    return first | set(epochs if len(epochs) <= room else epochs[:: math.ceil(len(epochs) / room)])


def floor_of(method: Method, data: Split) -> float | None:
    """The mean of the method's floor over all images, of which so many at a time are made numbers; None for zero."""
    numbers, total = data.x.shape[1:].numel(), 0.0
    for part in data.x.split(max(1, min(5000, NUMBERS // numbers))):
        floor = method.floor(data.numbers(part))
        if floor is None:
            return None
        total += floor * len(part)
    return total / len(data)


class TrainingLoop:
    """The steps of a fit, recorded in the folder of `run`; `before` is what its checkpoint says of the loop itself."""

    def __init__(
        self, run: Run, fit: Fit, monitor: Monitor | None, held_out: Split | None, before: dict[str, Any]
    ) -> None:
        self.run, self.fit, self.monitor, self.held_out = run, fit, monitor, held_out
        self.frames = frame_steps(fit.steps, fit.per_epoch) if monitor else set()
        self.best = min((row["val_loss"] for row in run.metrics() if "val_loss" in row), default=math.inf)
        self.seconds = max((row.get("seconds", 0.0) for row in run.metrics()), default=0.0)  # of training alone
        self.core_seconds: float = before.get("core_seconds", 0.0)  # of all threads, likewise
        self.sums: dict[str, Tensor] = before.get("sums", {})
        self.images = fit.images  # before this step
        self.counted = before.get("counted", fit.images)  # before this epoch
        self.finite = NonFiniteGuard()
        self.kept = perf_counter()

    def go(self) -> float:
        """All steps, or those up to a stop; returns the seconds of training alone."""
        if self.fit.t == 0:
            self.begin()
        written = 0.0
        since, cores = perf_counter(), process_time()
        for step in self.fit:
            self.add(step)
            watch, stop, late = step.t in self.frames, self.run.stop_requested(), perf_counter() - self.kept > KEEP
            if not (watch or stop or late or step.ends_epoch or perf_counter() - written > LOG_EVERY):
                continue
            scalars = {name: value.item() for name, value in step.out.items() if value.ndim == 0}  # waits for a GPU
            written = perf_counter()
            self.core_seconds += process_time() - cores
            self.log(step, scalars, written - since)
            if watch:
                self.monitor.record(step.t, step.epoch, step.images)
            if step.ends_epoch:
                self.end_epoch(step, stop or late)
            elif stop or late:
                self.keep()
            if stop:
                break
            since, cores = perf_counter(), process_time()  # looking and saving are not training
        return self.seconds

    def begin(self) -> None:
        """The lines that the curve is drawn between, and the frame of the untrained network."""
        if self.monitor is None:
            return
        method, data = self.fit.method, self.fit.data
        chance, floor = method.chance(min(self.fit.cfg.batch, len(data))), floor_of(method, data)
        lines = {name: value for name, value in {"chance": chance, "floor": floor}.items() if value is not None}
        solved = {} if self.fit.optimizers else {"solved": True}
        streamed = {"streamed": True} if data.streamed else {}
        self.run.append({"step": 0, "images": 0, "data": data.hash, **lines, **solved, **streamed})
        self.monitor.record(0, 0.0, 0)

    def add(self, step: Step) -> None:
        """Sum the losses on the device, unread and weighted by images, for the mean of the epoch."""
        self.finite.watch(step.t, step.out)
        for name, value in step.out.items():
            if value.ndim == 0:
                self.sums[name] = self.sums.get(name, 0) + value.float() * (step.images - self.images)
        self.images = step.images

    def log(self, step: Step, scalars: dict[str, float], elapsed: float) -> None:
        """One row of the curve; raises `Diverged` when a loss is no number any more."""
        self.seconds += elapsed
        if broken := self.finite.first():
            self.give_up(*broken)
        rate = step.images / self.seconds if self.seconds else 0.0
        where = {
            "step": step.t,
            "epoch": round(step.epoch, 4),
            "images": step.images,
            "seconds": round(self.seconds, 3),
        }
        self.run.append({**where, **scalars, "rate": round(rate, 1)})
        self.run.update(step=step.t, epoch=step.epoch, images=step.images, rate=rate)

    def give_up(self, t: int, name: str, value: float) -> None:
        """Raises `Diverged`: what became no number, when, and from where one can go on."""
        kept = self.run.checkpoint()
        there = f"; its checkpoint of step {int(kept.name)} is kept" if kept and kept.name.isdecimal() else ""
        raise Diverged(t, name, value, f"lower lr (it was {self.fit.cfg.lr:g}) and train again{there}")

    def end_epoch(self, step: Step, keep: bool) -> None:
        """Means of the epoch, the loss on held-out images, and the weights.

        Without held-out images nothing is chosen: weights are kept if `keep` says so, and after the last epoch.
        """
        images = step.images - self.counted
        means = {f"train_{name}": (total / images).item() for name, total in self.sums.items()}
        self.sums, self.counted = {}, step.images
        held_out = validate(self.fit.method, self.held_out, self.fit.cfg) if self.held_out else {}
        held_out = {f"val_{name}": value for name, value in held_out.items()}
        self.run.append({"step": step.t, "epoch": step.epoch, "images": step.images, **means, **held_out})
        if (loss := held_out.get("val_loss", math.inf)) < self.best and not self.fit.method.moving_target:
            self.best = loss
            self.keep("best", "last")
        elif self.held_out or keep or step.t == step.steps:
            self.keep("last")

    def keep(self, *names: str) -> None:
        """A checkpoint; of weights that are numbers only: their loss may still have been one."""
        if not all(parameter.isfinite().all() for parameter in self.fit.method.parameters()):
            self.give_up(self.fit.t, "a weight", math.nan)
        course = {"sums": self.sums, "counted": self.counted, "core_seconds": self.core_seconds}
        self.run.write_checkpoint(self.fit.t, checkpointing.pack(self.fit, course), *names)
        self.kept = perf_counter()
