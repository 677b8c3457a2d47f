"""Whether training in bfloat16 pays on this processor: measured by small training steps, once on each machine.

Processors with instructions for it (AMX, AVX512-BF16) may gain; others convert every number and are many times slower.
Nothing is decided by a measured time: `precision` "auto" is float32 on every processor, so that a resumed run
computes the same. What is measured is told to the user, who chooses.
"""

import json
from contextlib import suppress
from functools import cache
from threading import Lock
from time import thread_time

import torch
from torch import nn

from explorer import reading
from explorer.core import seeded
from explorer.models.devices import device
from explorer.system import caches
from explorer.system.folders import cache_root
from explorer.system.machine import has_bfloat16, processor

PAIRS = 5  # steps in each precision, in turn; the fastest counts
CLEAR = 1.2  # times as fast or as slow: less is not worth a sentence


_one_at_a_time = Lock()  # a page has threads, and a measurement sets the number of torch's


def gain() -> float:
    """How many times as fast a step is in bfloat16 as in float32 on this processor; below 1 it is slower."""
    with _one_at_a_time:
        return _remembered(f"{processor()}, torch {torch.__version__}")


def warning(precision: str) -> str:
    """What to expect of bfloat16 where it was chosen and is slow; else empty."""
    if precision != "bfloat16" or device().type != "cpu" or (speed := gain()) > 1 / CLEAR:
        return ""
    return f"precision bfloat16 is about {_times(1 / speed)} times slower than float32 on this processor: choose auto"


def recommendation() -> str:
    """A sentence where bfloat16 is worth a try: without a GPU, on a processor that knows it and gains clearly."""
    if device().type != "cpu" or not has_bfloat16() or (speed := gain()) < CLEAR:
        return ""
    return f"Precision bfloat16: a training step is about {_times(speed)} times as fast on this processor."


def measure() -> float:
    """Times a step of convolutions in both precisions, in turn and by one thread; the gain in speed."""
    with seeded(0):
        network = nn.Sequential(nn.Conv2d(3, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU())
        network = network.to(memory_format=torch.channels_last)
        x = torch.rand(32, 3, 32, 32).to(memory_format=torch.channels_last)
    seconds: dict[bool, list[float]] = {False: [], True: []}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # several wait for each other on a busy machine, and that would be measured
    try:
        for _ in range(1 + PAIRS):  # the first of each prepares its kernels
            for half, taken in seconds.items():
                taken.append(_step(network, x, half))
    finally:
        torch.set_num_threads(threads)
    return min(seconds[False][1:]) / min(seconds[True][1:])


def _step(network: nn.Module, x: torch.Tensor, half: bool) -> float:
    """Seconds of this thread for a forward and a backward pass: what other programs take meanwhile does not count."""
    since = thread_time()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        loss = network(x).float().square().mean()
    torch.autograd.grad(loss, list(network.parameters()))
    return thread_time() - since


@cache
def _remembered(machine: str) -> float:
    """The gain as it was measured once on this machine, by this process or an earlier one."""
    path, known = cache_root() / "machine" / "bfloat16.json", {}
    with suppress(OSError, ValueError):
        known = reading.fields(path)
        caches.use(path)
    if not isinstance(known, dict) or not isinstance(known.get(machine), float):
        known = {**(known if isinstance(known, dict) else {}), machine: measure()}
        caches.keep(path, json.dumps(known).encode())
    return known[machine]


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 3 else f"{factor:.0f}"
