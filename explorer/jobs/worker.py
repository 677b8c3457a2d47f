"""What happens inside a Dask worker: each run gets an operating system process of its own, and is watched there.

The processes come from a forkserver that has imported torch, so that a run starts at once. Of our own code it imports
nothing: a method written while the engine runs is found by the next run. The run's process executes EXPLORER_WORK
(`module:function`, by default `explorer.jobs.work:perform`), which is given the `Run`, and returns when its work is
done or when `run.stop_requested()`.
"""

import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from multiprocessing import forkserver, reduction
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from explorer import Refused
from explorer.runs import Busy, Run, locks

ATTEMPTS = 3  # processes that a run may use up
GRACE = 10.0  # seconds between the request to stop and the end by force; EXPLORER_GRACE
LOOK = 0.1  # seconds between two looks at the stop file
PRELOAD = "numpy,pydantic,torch,torch._dynamo"  # the first optimizer imports the last one; EXPLORER_PRELOAD

CONTEXT = multiprocessing.get_context("forkserver")
closing = threading.Event()


def dask_setup(_worker: Any) -> None:
    """Called by Dask when the worker starts: the forkserver warms up in the background."""
    CONTEXT.set_forkserver_preload([*filter(None, os.environ.get("EXPLORER_PRELOAD", PRELOAD).split(","))])
    forkserver.ensure_running()


async def dask_teardown(_worker: Any) -> None:
    """Called by Dask when the worker ends: running processes end with it."""
    closing.set()


def here(run: Run) -> str:
    """Works on a run in this very process, without an engine; an interrupt asks it to stop. Returns how it ended."""
    before = signal.signal(signal.SIGINT, lambda *_: run.request_stop())
    try:
        with run.lock(wait=5.0):
            if _begin(run):
                _perform(run)
    finally:
        signal.signal(signal.SIGINT, before)
    return run.status.state


def run_job(folder: str, settings: dict[str, str]) -> str:
    """The Dask task: works on a run until it has ended, and returns how."""
    run = Run(Path(folder))
    try:
        with run.lock(wait=5.0) as lock:
            while not closing.is_set() and _begin(run):
                _attempt(run, lock, settings)
        return run.status.state
    except (Busy, FileNotFoundError):
        return "taken or deleted"
    except Exception:  # a full disk, say: the status stays as it is, and the next reconcile tries again
        traceback.print_exc()
        return "not recorded"


def _begin(run: Run) -> bool:
    """Counts an attempt; False if the run has ended, by now or herewith."""
    status = run.status
    if status.final:
        return False
    if run.stop_requested():
        run.update(state="stopped")
        return False
    if status.attempts >= ATTEMPTS:
        run.update(state="failed", error=_epitaph(run))
        return False
    now = status.started or time.time()
    run.update(state="running", attempts=status.attempts + 1, started=now, message="")
    return True


def _epitaph(run: Run) -> str:
    last = next((line.strip() for line in reversed(run.log_tail().splitlines()) if line.strip()), "")
    log = f"the last line of its log is: {last[:300]}" if last else "its log is empty"
    return f"The process ended unexpectedly {ATTEMPTS} times ({run.status.message or 'unknown why'}); {log}"


def _attempt(run: Run, lock: int, settings: dict[str, str]) -> None:
    """One process, from its start to its end."""
    process = CONTEXT.Process(target=child, args=(str(run.folder), Inherited(lock), settings), name=run.id)
    process.start()
    try:
        locks.sign(lock, process.pid)
        _watch(run, process)
    finally:
        _kill(process)
        locks.sign(lock, None)
    if not run.status.final:
        run.update(state="stopped") if run.stop_requested() else run.update(
            state="interrupted", message=_cause(process)
        )


def _watch(run: Run, process: BaseProcess) -> None:
    """Returns when the process has ended, or when it is to be ended by force."""
    stop_at = float("inf")
    while not wait([process.sentinel], timeout=LOOK) and not closing.is_set():
        if run.stop_requested():
            stop_at = min(stop_at, time.monotonic() + float(os.environ.get("EXPLORER_GRACE") or GRACE))
        if time.monotonic() >= stop_at:
            return


def _kill(process: BaseProcess) -> None:
    """Ends the process and all that it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()  # if it has not come to make a group of its own
    process.join(10.0)


def _cause(process: BaseProcess) -> str:
    code = process.exitcode
    if closing.is_set():
        return "The engine was ended meanwhile."
    return f"by {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"


class Inherited:
    """A file descriptor that travels to a child of the forkserver."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __getstate__(self) -> Any:
        return reduction.DupFd(self.descriptor)

    def __setstate__(self, duplicate: Any) -> None:
        self.descriptor = duplicate.detach()


def child(folder: str, lock: Inherited, settings: dict[str, str]) -> None:
    """The run's own process: a session of its own, its words in the log, the lock in its hand."""
    os.setsid()
    run = Run(Path(folder))
    _speak_into(run.folder / "log.txt")
    threading.Thread(target=_die_with_parent, daemon=True).start()
    os.environ.update(settings)
    _use_threads(run)
    _perform(run)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # waits for no thread that the work has left behind


def _speak_into(log: Path) -> None:
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = open(1, "w", buffering=1, closefd=False, errors="replace")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, errors="replace")  # noqa: SIM115


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os.killpg(0, signal.SIGKILL)


def _use_threads(run: Run) -> None:
    threads = int(run.spec.train.get("threads") or os.environ.get("OMP_NUM_THREADS") or 1)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def _perform(run: Run) -> None:
    """Does the work and writes how it ended, in one sentence; the traceback goes into the log only."""
    try:
        module, _, function = os.environ.get("EXPLORER_WORK", "explorer.jobs.work:perform").partition(":")
        getattr(importlib.import_module(module), function)(run)
        end: dict[str, Any] = {"state": "stopped" if _cut_short(run) else "done"}
    except Refused as refused:
        end = {"state": "failed", "error": str(refused)}
    except BaseException as error:
        traceback.print_exc()
        end = {"state": "failed", "error": _sentence(error)}
    if not run.status.final:
        run.update(message="", **end)


def _cut_short(run: Run) -> bool:
    status = run.status
    return run.stop_requested() and not 0 < status.steps <= status.step


def _sentence(error: BaseException) -> str:
    words = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}{f': {words[:300]}' if words else ''}; the log says where."
