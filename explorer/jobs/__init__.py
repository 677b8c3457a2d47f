"""Work outside the page: a page writes only `submit(spec)` and `request_stop(id)`, and reads the run folders.

Nothing here waits for the engine: the folder is written first, then a process of its own brings it to the engine.
"""

import os
import time

from explorer import Refused, runs
from explorer.jobs import engine
from explorer.jobs.engine import shutdown
from explorer.jobs.estimate import work_seconds
from explorer.jobs.machine import machine
from explorer.jobs.outlook import glance, look
from explorer.runs import Run, Spec, locks

__all__ = [
    "glance",
    "look",
    "machine",
    "position",
    "queue",
    "reconcile",
    "request_stop",
    "shutdown",
    "submit",
    "wait_seconds",
    "work_seconds",
]

PATIENCE = 10.0  # seconds between two attempts of one interface to bring idle runs to the engine
QUEUE = 20  # trainings that one user may have waiting; EXPLORER_QUEUE
_last_order = float("-inf")


def submit(spec: Spec, id: str | None = None, user: str = "") -> Run:
    """Makes the run's folder, sends it on its way to the engine and returns at once.

    Raises `Refused` where the user has as many trainings waiting as one may; the command line is no such user.
    """
    spec = spec.model_copy(update={"user": user or spec.user})
    with locks.hold(engine.home() / "submit.lock", wait=5.0):
        _check_queue(spec)
        run = runs.create(spec, id)
    if not run.status.final:
        engine.order()
    return run


def _check_queue(spec: Spec) -> None:
    most = int(os.environ.get("EXPLORER_QUEUE") or QUEUE)
    if spec.user and spec.kind == "train":
        mine = sum(run.spec.user == spec.user and run.spec.kind == "train" for run in look().line)
        if mine >= most:
            raise Refused(
                f"you have {mine} trainings waiting, and {most} are allowed: stop one, or wait until one was started"
            )


def request_stop(id: str) -> None:
    """Asks a run to stop: at once if it waits, within three seconds if it runs."""
    runs.get(id).request_stop()


def reconcile() -> None:
    """Brings runs that nobody works on to the engine; costs milliseconds, so a page may call it whenever it looks.

    As long as one run is being worked on by an engine that lives, it will come to the others.
    """
    global _last_order
    if time.monotonic() - _last_order <= PATIENCE:
        return
    unfinished = runs.unfinished()
    held = [run for run in unfinished if run.held()]
    here = bool(os.environ.get("EXPLORER_SCHEDULER")) or engine.alive()
    if len(held) < len(unfinished) and not (held and here):
        _last_order = time.monotonic()
        engine.order()


def queue() -> list[str]:
    """The ids of the runs that wait, in the order in which they will be started."""
    return [run.id for run in look().line]


def position(run: Run) -> int:
    """A run's place among those that wait for the same, 1 = next; 0 if it does not wait."""
    return look().position(run)


def wait_seconds(run: Run) -> float | None:
    """How long until a run that waits is started, as far as earlier runs tell; None if it does not wait."""
    return look().wait_seconds(run)
