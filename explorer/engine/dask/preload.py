"""What happens in a Dask worker when it starts and ends: `dask worker … --preload explorer.engine.dask.preload`.

Dask keeps one line of all tasks that wait for the resources of a worker, and looks at its head alone: a training that
waits would hold up every map behind it. So each pool has a worker of its own. Both live in one process and share its
forkserver: the second adds about 2 MB to an idle engine of 450. As a process of its own it would add 100, and its
forkserver 280 more.
"""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.engine import resources, worker
from explorer.engine.processes import libraries
from explorer.system import settings

if TYPE_CHECKING:
    from distributed import Worker

SECOND = "interactive"  # the pool that a worker of both leaves to another one in its process
_seconds: dict["Worker", tuple["Worker", "asyncio.Task[None]"]] = {}


async def dask_setup(dask_worker: "Worker") -> None:
    """Called by Dask before the worker comes to its scheduler: the forkserver warms up in the background."""
    settings.check()
    offer = resources.current_names(dask_worker.state.total_resources)
    for name, value in libraries(int(offer.get("training", 1))).items():
        os.environ.setdefault(name, value)
    worker.start_forkserver()
    if "training" in offer and SECOND in offer:
        await _start_second(dask_worker, offer.pop(SECOND))
    for its in (dask_worker.state.total_resources, dask_worker.state.available_resources):
        its.clear()
        its.update(offer)
    if ready := os.environ.get("EXPLORER_READY"):
        Path(ready).touch()


async def dask_teardown(dask_worker: "Worker") -> None:
    """Called by Dask when the worker ends: running processes end with it, and so does its second."""
    worker.closing.set()
    if dask_worker in _seconds:
        await _seconds.pop(dask_worker)[0].close(reason="its first worker ends")


async def _start_second(first: "Worker", amount: float) -> None:
    """Starts the worker of the other pool, where the first one is: same scheduler, address and certificates."""
    from distributed import Worker

    second = await Worker(
        first.scheduler.address,
        host=first.ip,
        name=f"{first.name}-{SECOND}",
        nthreads=max(1, int(amount)),
        resources={SECOND: amount},
        memory_limit=0,
        local_directory=str(Path(first.local_directory).parent),
        security=first.security,
        dashboard_address="127.0.0.1:0",  # its server listens all the same
    )
    _seconds[first] = second, asyncio.create_task(_end_with(first, second))


async def _end_with(first: "Worker", second: "Worker") -> None:
    """Half a worker is none: one whose second has ended ends too, and whoever started it starts both anew."""
    await second.finished()
    await first.close(reason="its second worker has ended")
