"""Brings waiting runs from their folders to the scheduler, in a process of its own.

The run folders are the record; what the scheduler knows is lost whenever it ends.
"""

import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from explorer import runs
from explorer.jobs import engine
from explorer.jobs.worker import run_job
from explorer.runs import Busy, Run, locks

if TYPE_CHECKING:
    from distributed import Client, Scheduler

SETTINGS = ("EXPLORER_DATA", "EXPLORER_CACHE", "EXPLORER_WORK")  # may have changed since the engine was started
ON_THE_WAY = ("waiting", "no-worker", "queued", "processing")
PATIENCE = 10.0  # seconds for the scheduler to take notice


def deliver(ordered: float) -> None:
    """Carries out an order given at that time, unless the engine was shut down since.

    One process works and one waits; whoever comes third leaves its errand to the one that waits.
    """
    with suppress(Busy), ExitStack() as starter:
        with locks.hold(engine.home() / "pending.lock"):
            starter.enter_context(locks.hold(engine.home() / "starter.lock", wait=2 * engine.PATIENCE))
        if ordered > engine.last_shutdown():
            _deliver([run for run in runs.unfinished() if not run.held()])


def _deliver(waiting: list[Run]) -> None:
    if not waiting:
        return
    try:
        from distributed import Client

        address = engine.ensure()
        with _no_longer_than_the_engine(), Client(address, timeout=engine.PATIENCE, set_as_default=False) as client:
            known = set(client.run_on_scheduler(_on_the_way))
            new = [run for run in waiting if run.id not in known and _ready(run)]
            for run in new:
                _send(client, run)
            _confirm(client, new)
    except Exception as error:
        traceback.print_exc()
        for run in waiting:
            with suppress(Busy), run.lock():
                run.update(message=f"Waiting for the engine: {str(error) or type(error).__name__}")


@contextmanager
def _no_longer_than_the_engine() -> Iterator[None]:
    """A client waits half a minute for a dead scheduler, and the next delivery with it: this process ends first."""
    over = threading.Event()
    threading.Thread(target=_watch_engine, args=(over,), daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _watch_engine(over: threading.Event) -> None:
    while not over.wait(0.2):
        if not os.environ.get("EXPLORER_SCHEDULER") and not engine.alive():
            os._exit(1)


def _on_the_way(dask_scheduler: "Scheduler") -> list[str]:
    return [key for key, task in dask_scheduler.tasks.items() if task.state in ON_THE_WAY]


def _ready(run: Run) -> bool:
    """Corrects the status of a run that nobody works on; False if somebody does, or if it has ended."""
    with suppress(Busy), run.lock(wait=0.2):  # who only looks whether it is held holds it for a moment
        if run.status.state == "running":
            run.update(state="interrupted", message="Its process is gone; it goes on from its last checkpoint.")
        elif run.status.message and not run.status.final:
            run.update(message="")
        return not run.status.final
    return False


def _send(client: "Client", run: Run) -> None:
    from distributed import fire_and_forget

    elsewhere = bool(os.environ.get("EXPLORER_SCHEDULER"))  # where folders of data have other places
    settings = {} if elsewhere else {name: os.environ[name] for name in SETTINGS if name in os.environ}
    fire_and_forget(
        client.submit(
            run_job,
            str(run.folder),
            settings,
            key=run.id,
            pure=False,
            resources=None if elsewhere else {engine.place(run): 1},
            priority=engine.priority(run),
            fifo_timeout="0ms",
        )
    )


def _confirm(client: "Client", sent: list[Run]) -> None:
    """Waits until the scheduler knows the runs: a client that closes too early takes them along."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        known = set(client.run_on_scheduler(_on_the_way))
        if all(run.id in known or run.held() or run.status.final for run in sent):
            return
        time.sleep(0.02)
    raise TimeoutError("the scheduler does not keep the run; is this project installed where its workers are?")
