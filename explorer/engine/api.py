"""Work outside the page: a page writes only `submit(spec)` and `request_stop(id)`, and reads the run folders.

Nothing here waits for the engine: the folder is written first, then a process of its own brings it to the engine.
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from hashlib import sha256
from threading import Lock

from explorer import Refused, runs
from explorer.engine.dask import cluster
from explorer.engine.home import home
from explorer.engine.snapshot import invalidate_snapshot, recent_snapshot, take_snapshot
from explorer.runs import Busy, Run, Spec, locks
from explorer.system import settings

PATIENCE = 10.0  # seconds between two attempts of one interface to bring idle runs to the engine
QUEUE = 20  # trainings that one user may have waiting; EXPLORER_QUEUE
ALONE = 5.0  # seconds for another training of the same user to be queued
_last_order = float("-inf")
_ordering = Lock()


def submit(spec: Spec, id: str | None = None, user: str = "") -> Run:
    """Makes the run's folder, sends it on its way to the engine and returns at once.

    Raises `Refused` where the user has as many trainings waiting as one may; the command line is no such user.
    """
    settings.check()
    spec = spec.model_copy(update={"user": user or spec.user})
    counted = spec.pool == "training" and spec.user
    with _counted(spec.user) if counted else nullcontext():
        run = runs.create(spec, id)
    invalidate_snapshot()
    if not run.status.final:
        cluster.wake()
    return run


@contextmanager
def _counted(user: str) -> Iterator[None]:
    """Counts one user's trainings, one after another; raises `Refused` where there may be no more."""
    most, lock = settings.given("QUEUE") or QUEUE, f"submit-{sha256(user.encode()).hexdigest()[:16]}.lock"
    with ExitStack() as stack:
        try:
            stack.enter_context(locks.hold(home() / lock, wait=ALONE))
        except Busy:
            raise Busy("your last training is still being queued: ask for this one again in a moment") from None
        mine = sum(_waits(run) for run in runs.unfinished() if _trains_for(user, run))
        if mine >= most:
            words = f"you have {mine} trainings waiting, and {most} are allowed"
            raise Refused(f"{words}: stop one, or wait until one was started")
        yield


def remaining_quota(user: str) -> int | None:
    """How many more trainings a user may have waiting; None for the command line, which may have any number."""
    if not user:
        return None
    mine = sum(_trains_for(user, run) for run in recent_snapshot().line)
    return max(0, int(settings.given("QUEUE") or QUEUE) - mine)


def _trains_for(user: str, run: Run) -> bool:
    return (run.spec.user, run.spec.pool) == (user, "training")


def _waits(run: Run) -> bool:
    return run.status.state != "running" and not run.held()


def request_stop(id: str) -> None:
    """Asks a run to stop: at once if it waits, within three seconds if it runs."""
    runs.get(id).request_stop()
    invalidate_snapshot()


def reconcile() -> None:
    """Brings runs that nobody works on to the engine; all pages share its snapshot, and may call it at each paint.

    As long as one run is being worked on by an engine that lives, it will come to the others.
    """
    global _last_order
    with _ordering:
        if time.monotonic() - _last_order <= PATIENCE or not _idle():
            return
        _last_order = time.monotonic()
    cluster.wake()


def _idle() -> bool:
    """Whether runs wait and no engine works on any."""
    snapshot = recent_snapshot()
    if len(snapshot.held) == len(snapshot.runs):
        return False
    here = bool(os.environ.get("EXPLORER_SCHEDULER")) or cluster.alive()
    return not (here and any(run.id in snapshot.held and locks.signed(run.folder / "lock") for run in snapshot.runs))


def queue() -> list[str]:
    """The ids of the runs that wait, in the order in which they will be started."""
    return [run.id for run in take_snapshot().line]


def position(run: Run) -> int:
    """A run's place among those that wait for the same, 1 = next; 0 if it does not wait."""
    return take_snapshot().position(run)


def wait_seconds(run: Run) -> float | None:
    """How long until a run that waits is started, as far as earlier runs tell; None if it does not wait."""
    return take_snapshot().wait_seconds(run)
