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

from explorer import Refused, runs
from explorer.engine import attempts, fair_queue, resources
from explorer.engine.dask import cluster
from explorer.engine.home import home, log_tail
from explorer.engine.worker import run_job, worker_sees
from explorer.runs import Busy, Run, locks

if TYPE_CHECKING:
    from distributed import Client, Scheduler

ENGINE = {f"EXPLORER_{name}" for name in ("RUNS", "SCHEDULER", "SLOTS", "GPUS", "IDLE", "PRELOAD", "GRACE", "QUEUE")}
PLACES = {"EXPLORER_DATA", "EXPLORER_CACHE"}  # another machine has its own
ON_THE_WAY = ("waiting", "no-worker", "queued", "processing")
GONE = "the engine died with it", "Its process has ended; it continues from its last checkpoint."
PATIENCE = 10.0  # seconds for the scheduler to take notice
MOMENT = 0.5  # seconds between the first worker of a process and the second
WORKING = 300.0  # seconds for whoever works to be done: an engine that does not start is tried several times


def deliver(ordered: float = 0.0) -> None:
    """Carries out the last order, or one given at that time, unless the engine was shut down since.

    One process works and one waits; whoever comes third leaves its order to the one that waits.
    """
    with suppress(Busy), ExitStack() as starter:
        with locks.hold(home() / "pending.lock"):
            starter.enter_context(locks.hold(home() / "starter.lock", wait=WORKING))
        ordered = max(ordered, cluster.last("order"))  # only now: one may have been left here
        if ordered >= cluster.last("shutdown"):
            runs.sweep()
            _deliver()


def _deliver() -> None:
    """Brings the runs that nobody works on to the engine; one that does not start is tried as often as a run may be.

    Only the run that would be first counts that: the others wait for an engine that another delivery may start.
    """
    while waiting := _line()[0]:
        try:
            return _bring()
        except cluster.NotStarted as error:
            _notify(waiting[1:], f"Waiting for the engine: {error}")
            if not _may_try_again(waiting[0], str(error)):
                return None
        except cluster.ShutDown:
            return None
        except Exception as error:
            traceback.print_exc()
            return _notify(waiting, f"Waiting for the engine: {str(error) or type(error).__name__}")
    return None


def _line() -> tuple[list[Run], dict[str, float]]:
    """The runs that nobody works on, in the order in which they will be started; and the start tags of all."""
    unfinished = runs.unfinished()
    tags = fair_queue.start_tags(unfinished)
    return fair_queue.ordered((run for run in unfinished if not run.held()), tags), tags


def _bring() -> None:
    address = cluster.ensure()
    from distributed import Client  # only now: the engine's own processes have begun to import it meanwhile

    waiting, tags = _line()  # only now: where half an engine has ended, those that it worked on wait too
    if not waiting:
        return
    with _no_longer_than_the_engine(), Client(address, timeout=cluster.PATIENCE, set_as_default=False) as client:
        offers = _offers(client, waiting[0])
        known = set(client.run_on_scheduler(_on_the_way))
        new = [run for run in waiting if run.id not in known and _ready(run, tags[run.id], offers)]
        for run in new:
            _send(client, run, tags[run.id], resources.needs(run, offers))
        _confirm(client, new)


def _may_try_again(run: Run, why: str) -> bool:
    """Whether the engine may be started again for a run for which it did not start."""
    with suppress(Busy), run.lock(wait=1.0):
        return attempts.engine_failed(run, why, log_tail())
    return False


def _notify(waiting: list[Run], message: str) -> None:
    for run in waiting:
        with suppress(Busy, OSError), run.lock():
            run.update(message=message)


def _offers(client: "Client", run: Run) -> list[dict[str, float]]:
    """What each worker has, kept for the estimates; waits for the first, which has only to register by now.

    The two workers of one process come one after the other: a moment passes before it is said that one is missing.
    """
    start = time.monotonic()
    while not _complete(offers := client.run_on_scheduler(_resources)):
        if offers and time.monotonic() > start + MOMENT:
            break
        if time.monotonic() > start + PATIENCE:
            raise TimeoutError(
                f"no worker has come to {client.scheduler.address} yet; "
                f"start one with python -m explorer.engine worker {client.scheduler.address}"
            )
        time.sleep(0.05)
    _check_folders(client, run)
    resources.remember(offers)
    return offers


def _complete(offers: list[resources.Offer]) -> bool:
    return all(any(offer.get(pool) for offer in offers) for pool in resources.POOLS)


def _resources(dask_scheduler: "Scheduler") -> list[dict[str, float]]:
    return [dict(worker.resources) for worker in dask_scheduler.workers.values()]


def _check_folders(client: "Client", run: Run) -> None:
    """Raises `Refused` where a worker elsewhere does not have the folder of runs: it would find nothing to do."""
    if os.environ.get("EXPLORER_SCHEDULER"):
        for worker, sees in client.run(worker_sees, str(run.folder)).items():
            if not sees:
                raise Refused(
                    f"the worker at {worker} does not see {run.folder.parent}: share that folder with its machine, "
                    "or tell the worker by EXPLORER_RUNS where it lies there"
                )


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
        if not os.environ.get("EXPLORER_SCHEDULER") and not cluster.alive():
            os._exit(1)


def _on_the_way(dask_scheduler: "Scheduler") -> list[str]:
    return [key for key, task in dask_scheduler.tasks.items() if task.state in ON_THE_WAY]


def _ready(run: Run, tag: float, offers: list[resources.Offer]) -> bool:
    """Corrects the status of a run that nobody works on; False if somebody does, or if it has ended."""
    with suppress(Busy), run.lock(wait=0.2):  # who only looks whether it is held holds it for a moment
        status = run.status
        if status.final:
            return False
        if status.state == "running":
            status = attempts.cut_short(run, *GONE)
        why = status.cause if status.state == "interrupted" else ""
        news = {"start_tag": tag, "message": resources.lack(resources.needs(run, offers), offers) or why}
        if any(getattr(status, name) != value for name, value in news.items()):
            run.update(**news)
        return True
    return False


def _send(client: "Client", run: Run, tag: float, needs: dict[str, int]) -> None:
    from distributed import fire_and_forget

    fire_and_forget(
        client.submit(
            run_job,
            str(run.folder),
            _settings(),
            key=run.id,
            pure=False,
            resources=needs,
            priority=fair_queue.priority(run, tag),
            fifo_timeout="0ms",
        )
    )


def _settings() -> dict[str, str]:
    """What may have changed since the engine was started; the engine's own settings hold for as long as it lives."""
    mine = {name for name in os.environ if name.startswith("EXPLORER_")} - ENGINE
    return {name: os.environ[name] for name in mine - (PLACES if os.environ.get("EXPLORER_SCHEDULER") else set())}


def _confirm(client: "Client", sent: list[Run]) -> None:
    """Waits until the scheduler knows the runs: a client that closes too early takes them along."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        known = set(client.run_on_scheduler(_on_the_way))
        if all(run.id in known or run.held() or run.status.final for run in sent):
            return
        time.sleep(0.02)
    raise TimeoutError("the scheduler does not keep the run; is this project installed where its workers are?")
