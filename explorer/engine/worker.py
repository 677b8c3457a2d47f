"""What a worker does: each run gets an operating system process of its own, and is watched there.

The processes come from a forkserver that has imported torch, so that a run starts at once. Of our own code it imports
nothing: a method written while the engine runs is found by the next run. The run's process executes EXPLORER_WORK
(`module:function`, by default `explorer.tasks.perform:perform`), which is given the `Run`, and returns when its work is
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
from contextlib import nullcontext, suppress
from multiprocessing import forkserver, reduction
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from explorer import Refused
from explorer.engine import attempts, failures, gpu_locks
from explorer.engine.home import last_words, log_tail
from explorer.engine.processes import kill_tree
from explorer.runs import Busy, Run, locks
from explorer.system import settings
from explorer.system.machine import memory_kills

GRACE = 2.5  # seconds between the request to stop and the end by force, which is over within 3; EXPLORER_GRACE
PATIENCE = 5.0  # seconds for whoever only looks at a run to let go of it
RETRY = 60.0  # seconds until a run whose status cannot be written is given back
POLL = 0.1  # seconds between two looks at the stop file
STAGGER = 2.0  # seconds between the first and the last process that is told to end
# EXPLORER_PRELOAD; the first spec would import half of pydantic, and the scores of every run scikit-learn
PRELOAD = "numpy,psutil,pydantic.json_schema,pydantic.fields,torch,sklearn.linear_model,sklearn.preprocessing"

CONTEXT = multiprocessing.get_context("forkserver")
closing = threading.Event()


def start_forkserver() -> None:
    """Lets the process that all runs come from import in the background what they will need."""
    CONTEXT.set_forkserver_preload([*filter(None, os.environ.get("EXPLORER_PRELOAD", PRELOAD).split(","))])
    forkserver.ensure_running()


def here(run: Run, mine: bool = False) -> str:
    """Works on a run in this very process, without an engine; an interrupt asks it to stop. Returns how it ended.

    `mine`: the caller holds its lock, as `runs.create` gives it; else it is taken here.
    """
    before = signal.signal(signal.SIGINT, lambda *_: run.request_stop())
    try:
        with nullcontext() if mine else run.lock(wait=PATIENCE):
            if attempts.begin(run):
                _perform(run)
    finally:
        signal.signal(signal.SIGINT, before)
    return run.status.state


def located(folder: str) -> Run:
    """The run, where this machine has it: EXPLORER_RUNS may name another place than that of the interface's machine."""
    mine = os.environ.get("EXPLORER_RUNS")
    return Run((Path(mine) if mine else Path(folder).parent) / Path(folder).name)


def worker_sees(folder: str) -> bool:
    """Whether the folder of a run is here too."""
    return located(folder).folder.is_dir()


def run_job(folder: str, settings: dict[str, str]) -> str:
    """The task of a worker: works on a run until it has ended, and returns how."""
    run = located(folder)
    try:
        with run.lock(wait=PATIENCE) as lock:
            locks.sign(lock, None)  # the engine's from now on
            try:
                while not closing.is_set() and attempts.begin(run):
                    _attempt(run, lock, {"EXPLORER_RUNS": str(run.folder.parent), **settings})
            except OSError:  # its status cannot be written: whoever finds it idle would send it here again at once
                traceback.print_exc()
                _rest(run)
                return "not recorded"
        return run.status.state
    except (Busy, FileNotFoundError):
        return "taken or deleted"


def _rest(run: Run) -> None:
    """Holds the run for a while, unless it is stopped meanwhile."""
    until = time.monotonic() + RETRY
    while run.folder.exists() and not run.stop_requested() and time.monotonic() < until and not closing.wait(POLL):
        pass


def _attempt(run: Run, lock: int, settings: dict[str, str]) -> None:
    """One process, from its start to its end."""
    kills = memory_kills()
    with gpu_locks.reserve(run) as (shown, held):
        own = [Inherited(lock), *map(Inherited, held)]
        process = CONTEXT.Process(target=child, args=(str(run.folder), own, settings | shown), name=run.id)
        try:
            process.start()
        except Exception as error:  # the forkserver has died, of what it imports say
            _note(run, error)
            return
        try:
            locks.sign(lock, process.pid)
            _watch(run, process)
        finally:
            _kill(process)
            locks.sign(lock, None)
    if run.status.final:
        return
    if run.stop_requested():
        run.update(state="stopped")
    elif _engine_ends(process):
        attempts.cut_short(run, "The engine was ended meanwhile.", counts=False)
    else:
        attempts.cut_short(run, _cause(process, memory_kills() > kills))


def _note(run: Run, error: Exception) -> None:
    """A process that could not be started is an attempt too; what the forkserver said stands in the engine's log."""
    time.sleep(POLL)  # it may still be speaking
    words = "".join(traceback.format_exception(error)).splitlines()
    with (run.folder / "log.txt").open("a") as log:
        log.write("\n".join([*words, "The engine's log ends with:", *log_tail(), last_words(), ""]))
    attempts.cut_short(run, f"it could not be started: {type(error).__name__}")


def _watch(run: Run, process: BaseProcess) -> None:
    """Returns when the process has ended, or when it is to be ended by force."""
    stop_at = float("inf")
    while not wait([process.sentinel], timeout=POLL) and not closing.is_set():
        if run.stop_requested():
            stop_at = min(stop_at, time.monotonic() + _grace())
        if time.monotonic() >= stop_at:
            return


def _grace() -> float:
    grace = settings.given("GRACE")
    return GRACE if grace is None else grace


def _kill(process: BaseProcess) -> None:
    """Ends the process and all that it has started."""
    kill_tree(process.pid)
    process.kill()  # if it has not come to make a group of its own
    process.join(10.0)


def _engine_ends(process: BaseProcess) -> bool:
    """Whether the worker is being ended in order; at a shutdown of the machine the run's process may be told first."""
    return closing.wait(STAGGER if process.exitcode == -signal.SIGTERM else 0.0)


def _cause(process: BaseProcess, memory: bool) -> str:
    code = process.exitcode
    if code == -signal.SIGKILL and memory:
        return "memory ran out, and the system ended it; a smaller batch needs less"
    return f"by {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"


class Inherited:
    """A file descriptor that travels to a child of the forkserver."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __getstate__(self) -> Any:
        return reduction.DupFd(self.descriptor)

    def __setstate__(self, duplicate: Any) -> None:
        self.descriptor = duplicate.detach()


def child(folder: str, _held: list[Inherited], settings: dict[str, str]) -> None:
    """The run's own process: a session of its own, its words in the log, the locks of the run and its GPUs in hand."""
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
    kill_tree(os.getpid())


def _use_threads(run: Run) -> None:
    threads = int(run.spec.train.get("threads") or os.environ.get("OMP_NUM_THREADS") or 1)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)


def _perform(run: Run) -> None:
    """Does the work and writes how it ended, in one sentence; the traceback goes into the log only."""
    try:
        module, _, function = os.environ.get("EXPLORER_WORK", "explorer.tasks.perform:perform").partition(":")
        getattr(importlib.import_module(module), function)(run)
        end: dict[str, Any] = {"state": "stopped" if _cut_short(run) else "done"}
    except Refused as refused:
        end = {"state": "failed", "error": str(refused)}
    except BaseException as error:
        with suppress(OSError):  # the disk of the log may be the one that is full
            traceback.print_exc()
        end = {"state": "failed", "error": failures.explain(error, run)}
    if not run.status.final:
        run.update(message="", **end)


def _cut_short(run: Run) -> bool:
    status = run.status
    return run.stop_requested() and not 0 < status.steps <= status.step
