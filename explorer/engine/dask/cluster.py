"""The local engine: a `dask scheduler` and a `dask worker` that outlive the interface, a pair for each folder of runs.

They listen on the loopback interface only, because a Dask port executes whatever it is sent. EXPLORER_SCHEDULER=tcp://…
or tls://… names a scheduler elsewhere, which works on the same folder of runs; its workers are started with
`python -m explorer.engine worker tcp://…`. EXPLORER_SLOTS is the number of trainings at once (one for each GPU, else
1), EXPLORER_IDLE the time after which an engine without work ends itself ("30 minutes").
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from explorer import Refused, runs
from explorer.engine import attempts, resources
from explorer.engine.home import home, last_words
from explorer.engine.processes import kill_tree, libraries
from explorer.runs import Busy, Run, locks
from explorer.system import settings

PATIENCE = 30.0  # seconds that a scheduler may take to answer
START = 60.0  # seconds that the engine may take to come to life, on a busy machine; one that has died is seen at once
WARMING = 20.0  # seconds that a worker may need after it was started, until it takes its first run
LOG_BYTES = 1_000_000
NO_DASHBOARD = ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]  # its server listens all the same


class NotStarted(Refused):
    """The local engine did not come to life."""


class ShutDown(Refused):
    """The local engine was shut down before it had come to life."""


def wake() -> None:
    """Starts a process that brings all waiting runs to the engine (`dispatch`), and does not wait for it.

    One that is only about to look for them will find what is there now, and that it was ordered.
    """
    _stamp("order")
    if locks.held(home() / "pending.lock"):
        return
    with (home() / "engine.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "explorer.engine", "deliver"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # closing the interface's terminal does not reach it
        )
    threading.Thread(target=process.wait, daemon=True).start()  # or it would stay a zombie


def environment() -> dict[str, str]:
    """What the engine's processes get to know."""
    path = [str(runs.REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **libraries(resources.slots()),
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path),
        "EXPLORER_RUNS": str(runs.root()),
        "DASK_TEMPORARY_DIRECTORY": str(home()),
        "DASK_DISTRIBUTED__WORKER__DAEMON": "False",  # a worker starts processes
        "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "None",  # a laptop that slept has not lost its worker
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1000",  # attempts are counted in status.json alone
        "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # this and the next two: an idle engine shall be idle
        "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
        "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
    }


def address() -> str:
    """The scheduler's address; raises `OSError` or `ValueError` when there is none."""
    elsewhere = os.environ.get("EXPLORER_SCHEDULER")
    return elsewhere or json.loads((home() / "scheduler.json").read_bytes())["address"]


def alive() -> bool:
    """Whether both processes of the local engine live."""
    return all(locks.held(home() / f"{name}.lock") for name in ("scheduler", "worker"))


def starting() -> bool:
    """Whether the engine is on its way, as far as its own files tell; one that lives elsewhere is taken to be there."""
    if os.environ.get("EXPLORER_SCHEDULER"):
        return False
    with suppress(OSError):
        return not alive() or time.time() - (home() / "worker.lock").stat().st_mtime < WARMING
    return True


def ensure() -> str:
    """The address of a scheduler, after starting one if need be; the caller holds `starter.lock`."""
    if os.environ.get("EXPLORER_SCHEDULER") or alive():
        return address()
    settings.check()
    _end()  # half an engine is none
    for name in ("scheduler.json", "worker.ready"):
        (home() / name).unlink(missing_ok=True)
    file = ["--scheduler-file", str(home() / "scheduler.json")]
    idle = os.environ.get("EXPLORER_IDLE") or "30 minutes"
    _start("scheduler", "--host", "127.0.0.1", "--port", "0", *NO_DASHBOARD, "--idle-timeout", idle, *file)
    _start("worker", "--host", "127.0.0.1", *worker_options(), *file)
    return _await_engine()


def worker_options() -> list[str]:
    """Options of `dask worker` that hold on every machine."""
    number = ["--nworkers", "1", "--nthreads", str(resources.slots()), "--memory-limit", "0"]
    offer = " ".join(f"{name}={n}" for name, n in resources.offer().items())
    return [*number, "--resources", offer, *NO_DASHBOARD, "--preload", "explorer.engine.dask.preload"]


def _start(name: str, *options: str) -> None:
    """Starts a process that holds a lock for as long as it lives."""
    path = home() / "engine.log"
    with locks.hold(home() / f"{name}.lock", wait=2) as lock, path.open("ab") as log:
        if path.stat().st_size > LOG_BYTES:
            log.truncate(0)
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", name, *options],
            env={**environment(), "EXPLORER_READY": str(home() / "worker.ready")},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock],
        )
        locks.sign(lock, process.pid)


def _await_engine() -> str:
    """Waits until the scheduler has an address and the worker has imported what it needs; `NotStarted` otherwise."""
    began, deadline = time.time(), time.monotonic() + START
    while time.monotonic() < deadline and alive():
        with suppress(OSError, ValueError):  # not written yet, or half written
            if (home() / "worker.ready").exists():
                return address()
        if last("shutdown") > began:
            raise ShutDown("the engine was shut down meanwhile")  # and will be ended by whoever did it
        time.sleep(0.02)
    _end()
    raise NotStarted(f"the engine did not start: {last_words()}")


def last(event: str) -> float:
    """When there was last an `order`, or a `shutdown`: orders that were given before it are void."""
    with suppress(OSError):
        return (home() / event).stat().st_mtime
    return 0.0


def _stamp(event: str) -> None:
    now = time.time_ns()  # the kernel's own stamp lags by some milliseconds
    (home() / event).touch()
    os.utime(home() / event, ns=(now, now))


def shutdown() -> None:
    """Ends the local engine and everything it runs, now; its runs go on when the engine is started next."""
    if os.environ.get("EXPLORER_SCHEDULER") or not (runs.root() / ".engine").is_dir():
        return
    _stamp("shutdown")
    try:
        with locks.hold(home() / "starter.lock", wait=2 * PATIENCE):
            _end()
            for run in runs.unfinished():
                _excuse(run)
    except Busy:
        raise Busy("the engine is being started at this very moment: shut it down in a minute") from None


def _excuse(run: Run) -> None:
    """An attempt that the shutdown has cut short was not the run's fault: it does not count."""
    with suppress(Busy), run.lock(wait=1.0):
        if run.status.state == "running":
            attempts.cut_short(run, "The engine was shut down meanwhile.", counts=False)


def _end() -> None:
    for lock in (home() / "worker.lock", home() / "scheduler.lock"):
        _kill(lock)
    for run in runs.unfinished():
        _kill(run.folder / "lock")
    for left in home().glob("dask-scratch-space*"):
        shutil.rmtree(left, ignore_errors=True)


def _kill(lock: Path) -> None:
    """Ends what holds a lock, and all that it has started; a job in somebody's terminal signs nothing and is let be."""
    since = time.monotonic()
    while locks.held(lock) and time.monotonic() - since < 10.0:
        if process := locks.holder(lock):
            kill_tree(process)
        elif time.monotonic() - since > 1.0:
            return
        time.sleep(0.02)
