"""How fast this machine trains: a few steps of a training that was measured elsewhere, timed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from explorer import data
from explorer.config import Config
from explorer.engine import eta
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.inputs import Inputs, use_threads
from explorer.tasks.task import Task, task

if TYPE_CHECKING:
    from explorer.train import Step

SECONDS = 3.0  # how long steps are timed


@task("Speed of this machine")
class Speed(Task):
    """Time a few steps of a model's training on this machine, to tell beforehand how long others will take."""

    takes_data = False
    result = None
    page = "home"

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Whose training is timed."""
        return f"Speed of this machine, by the training of {refs[0]}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Leaves images per second here, and how many times as many that is as where the model was trained."""
        timed = ModelRef.parse(str(run.spec.model)).run
        run.update(message="timing a few steps", device=inputs.device)
        rate = images_per_second(timed)
        there = timed.status.rate * eta.crowding(timed)
        relative = {"relative": rate / there} if there else {}
        run.write_scores({"images_per_second": rate, **relative})


def images_per_second(run: Run) -> float:
    """The rate of this training's steps in this process: as in training itself, but nothing is kept."""
    import torch

    from explorer.core import METHODS, DataSpec
    from explorer.models import build, devices
    from explorer.train import Fit

    cfg = METHODS.choose(run.spec.method).training(run.spec.train)
    use_threads(cfg.threads)
    dataset, where = data.load(run.spec.dataset, cfg.size), devices.device()
    classes = dataset.kept(cfg.classes)
    training = devices.load_split(dataset, "train", cfg.classes, cfg.subset, where)
    shape = DataSpec.of(dataset, classes, len(training))
    method = build.fresh(run.spec.method, run.spec.hyperparameters, cfg, shape)
    return _timed(Fit(method.to(where, memory_format=torch.channels_last), training, cfg), where.type)


def _timed(fit: Iterator[Step], device: str) -> float:
    """Images per second of a fit's next steps, until the time is over or the fit ends.

    The clock starts after the steps that allocate memory, the capture of a CUDA graph and its first replay.
    """
    from explorer.cuda_graph import WARMUP

    began, before, step = _clocks(), 0, None
    warm = began, before
    for step in fit:
        _ = [value.item() for value in step.out.values() if value.ndim == 0]  # waits for a GPU
        if step.t == WARMUP + 2:
            warm = _clocks(), step.images
        elif step.t > WARMUP + 2:
            began, before = warm
            if perf_counter() - began[0] > SECONDS:
                break
    return (step.images - before) / _own_seconds(began, device) if step else 0.0


def _clocks() -> tuple[float, float]:
    return perf_counter(), process_time()


def _own_seconds(began: tuple[float, float], device: str) -> float:
    """The time since then without what other processes took: on a processor never more than its cores worked for us."""
    wall, worked = (now - then for now, then in zip(_clocks(), began, strict=True))
    return min(wall, worked) if device == "cpu" else wall
