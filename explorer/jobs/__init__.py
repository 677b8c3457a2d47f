"""Work outside the page: a page writes only `submit(spec)` and `request_stop(id)`, and reads the run folders.

Nothing here waits for the engine: the folder is written first, then a process of its own brings it to the engine.
"""

import time

from explorer import runs
from explorer.jobs import engine
from explorer.jobs.engine import priority, shutdown
from explorer.jobs.machine import machine
from explorer.runs import Run, Spec

__all__ = ["machine", "priority", "queue", "reconcile", "request_stop", "shutdown", "submit"]

PATIENCE = 10.0  # seconds between two attempts of one interface to bring idle runs to the engine
_last_order = float("-inf")


def submit(spec: Spec, id: str | None = None) -> Run:
    """Makes the run's folder, sends it on its way to the engine and returns at once."""
    run = runs.create(spec, id)
    if not run.status.final:
        engine.order()
    return run


def request_stop(id: str) -> None:
    """Asks a run to stop: at once if it waits, within some seconds if it runs."""
    runs.get(id).request_stop()


def reconcile() -> None:
    """Brings runs that nobody works on to the engine; costs milliseconds, so a page may call it whenever it looks.

    As long as one run is being worked on the engine lives and will come to the others.
    """
    global _last_order
    waiting = runs.unfinished()
    if waiting and not any(run.held() for run in waiting) and time.monotonic() - _last_order > PATIENCE:
        _last_order = time.monotonic()
        engine.order()


def queue() -> list[str]:
    """The ids of the runs that wait, in the order in which they will be started."""
    waiting = [run for run in runs.unfinished() if run.status.state != "running" and not run.held()]
    return [run.id for run in sorted(waiting, key=priority, reverse=True)]
