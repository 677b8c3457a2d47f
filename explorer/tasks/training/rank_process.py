"""Torchrun, which starts a process for each device of a training, and one of these processes: a rank.

Of the ranks only the first writes into the run's folder; the others compute. None outlives the run's process: torchrun
gives them sessions of their own, where no signal to the run's group reaches them, so each process watches the one that
started it. `python -m explorer.tasks.training.rank_process FOLDER DEVICES` is torchrun; what it starts are the ranks.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

from explorer import Refused
from explorer.engine import failures
from explorer.runs import Run
from explorer.tasks.training.launcher import NOTES, PARENT, POLL, RANKS, SIGNAL

MOMENT = 3.0  # seconds that torchrun has to end its ranks


def die_with_parent(end: Callable[[], None]) -> None:
    """Calls `end` in a thread as soon as the process that started this one is gone."""
    parent = int(os.environ[PARENT])

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(POLL)
        end()

    Thread(target=watch, daemon=True).start()


def leave() -> None:
    """At once: nobody waits for this process any more."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave_last() -> None:
    """Torchrun ends its ranks first, since it holds the run's lock for them."""
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(MOMENT)
    leave()


def torchrun(folder: str, devices: str) -> int:
    """Starts the ranks and waits for them; the exit code tells the signal by which one has ended."""
    die_with_parent(leave_last)
    os.environ[PARENT] = str(os.getpid())
    from torch.distributed import run
    from torch.distributed.elastic.multiprocessing import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    try:
        run.main([*meeting(), "--nproc-per-node", devices, "-m", RANKS, folder, devices])
    except ChildFailedError as error:
        codes = [-failure.exitcode for failure in error.failures.values()]
        return next((SIGNAL + code for code in codes if code > 0 and code != signal.SIGTERM), 1)
    except SignalException as asked:  # its ranks have ended
        return SIGNAL + asked.sigval
    return 0


def meeting() -> list[str]:
    """Where the ranks find each other: at a file, since the port of `--standalone` unpickles what anybody sends it."""
    place = ["--rdzv-endpoint", str(Path(os.environ[NOTES], "meeting")), "--rdzv-conf", "store_type=file"]
    return ["--rdzv-backend", "c10d", "--rdzv-id", "ranks", *place, "--local-addr", "127.0.0.1", "--nnodes", "1"]


def rank(folder: str, _devices: str) -> int:
    """One rank, from its start to its end; the first to fail ends all."""
    die_with_parent(leave)
    run = Run(Path(folder))
    try:
        from explorer import distributed
        from explorer.tasks.training.driver import train

        train(run, distributed.join())
    except Refused as refused:
        note(str(refused))
        return 1
    except BaseException as error:
        traceback.print_exc()
        note(failures.explain(error, run))
        return 1
    return 0


def note(text: str) -> None:
    """Leave word of what went wrong, whole or not at all."""
    with suppress(OSError):
        path = Path(os.environ[NOTES], os.environ["RANK"])
        path.with_name(f".{path.name}").write_text(text, encoding="utf-8")
        path.with_name(f".{path.name}").replace(path)


if __name__ == "__main__":
    exit_code = (rank if "RANK" in os.environ else torchrun)(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)  # waits for no thread, and closes no connection that another rank may have closed already
