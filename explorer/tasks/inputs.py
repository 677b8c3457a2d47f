"""What every job needs before it can begin: its data, and its share of the processor."""

import os
from time import perf_counter

import torch

from explorer import data
from explorer.data import DataSet
from explorer.runs import Run
from explorer.system.machine import cores


def load(run: Run, name: str, size: int = 0) -> DataSet:
    """The run's data set, telling twice a second what is being decoded."""
    told = 0.0

    def tell(share: float, text: str) -> None:
        nonlocal told
        if perf_counter() - told > 0.5:
            told = perf_counter()
            run.update(message=f"{text} ({share:.0%})")

    return data.load(name, size, tell)


def use_threads(wanted: int) -> None:
    """Processor threads of this process; 0 = what its environment says, or what the machine gives to it."""
    if wanted or not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(wanted or cores())
