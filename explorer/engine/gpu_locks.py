"""Each training has its GPUs to itself: a GPU is a lock on this machine, which the run's process inherits.

So it is free again the moment that process ends, however it ends, also if two engines share one machine.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from explorer.engine.resources import devices
from explorer.runs import Busy, Run, locks
from explorer.system.machine import gpus


@contextmanager
def reserve(run: Run) -> Iterator[tuple[dict[str, str], list[int]]]:
    """The environment that shows a run its GPUs alone, and the locks to inherit; nothing of either without GPUs.

    What is no training borrows one, free if possible; so does a training when there are more slots than GPUs.
    """
    with ExitStack() as stack:
        wanted, held = devices(run), []
        free = [name for name in gpus() if not locks.held(_lock(name))]
        trains = run.spec.pool == "training"
        chosen = [] if trains else free[:1]
        for name in free if trains else []:
            with suppress(Busy):
                if len(held) < wanted:
                    held.append(stack.enter_context(locks.hold(_lock(name), wait=0.1)))  # who only looks holds it too
                    chosen.append(name)
        chosen += [name for name in gpus() if name not in chosen][: wanted - len(chosen)]
        yield ({"CUDA_VISIBLE_DEVICES": ",".join(chosen)} if chosen else {}), held


def _lock(name: str) -> Path:
    """In the machine's own folder for temporary files: another machine has other GPUs."""
    folder = Path(tempfile.gettempdir()) / f"unfold-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"gpu-{name.replace('/', '_')}.lock"
