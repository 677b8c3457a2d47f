"""What every job needs before it can begin: its data, its models, and its share of the processor."""

from __future__ import annotations

import os
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from explorer import data
from explorer.data import DataSet
from explorer.evaluation.statistics import percent
from explorer.runs import Run
from explorer.system.machine import cores

if TYPE_CHECKING:
    from explorer.models.model import Model


class Inputs:
    """The data set and the models of a run, loaded when they are first asked for."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @cached_property
    def dataset(self) -> DataSet:
        """The data set, at the size that was asked for."""
        return load(self._run, self._run.spec.dataset, self._run.spec.params.get("size", 0))

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """All models, in the order in which they were named."""
        from explorer.models import loading

        return tuple(loading.load(ref, self.dataset) for ref in self._run.spec.models)

    @property
    def model(self) -> Model:
        """The first of them: most jobs are about one."""
        return self.models[0]

    @property
    def device(self) -> str:
        """Where the models work, in words."""
        from explorer.models.devices import describe, device

        return describe(device())


def load(run: Run, name: str, size: int = 0) -> DataSet:
    """The run's data set, saying twice a second what is being decoded."""
    last = 0.0

    def progress(share: float, text: str) -> None:
        nonlocal last
        if perf_counter() - last > 0.5:
            last = perf_counter()
            run.update(message=f"{text} ({percent(share)})")

    data.fingerprint(name)  # a job sees the files as they are, and not as an earlier process has seen them
    return data.load(name, size, progress)


def flush_denormals() -> None:
    """Lets the smallest numbers count as zero: they are slow, and features are kept for jobs that compute alike."""
    import torch

    torch.set_flush_denormal(True)


def use_threads(wanted: int) -> None:
    """Processor threads of this process; 0 = what its environment says, or what the machine gives to it."""
    import torch

    if wanted or not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(wanted or cores())
