"""A training on several devices: torchrun starts a process for each of them, and this file is what they execute.

The run's own process launches torchrun and waits: it keeps the run's lock, its log and its end. Of the ranks only the
first writes into the run's folder; the others compute. None outlives the run's process: torchrun gives them sessions of
their own, where no signal to the run's group reaches them, so each process watches the one that started it.
"""

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING

from explorer import Refused
from explorer.engine import failures
from explorer.runs import Run
from explorer.system.machine import cores

if TYPE_CHECKING:
    from explorer.core import TrainConfig

PARENT = "EXPLORER_RANKS_PARENT"  # the process that a rank, or torchrun, must not outlive
NOTES = "EXPLORER_RANKS_NOTES"  # a folder: what went wrong, by rank
LOOK = 0.1  # seconds between two looks at the parent
MOMENT = 3.0  # seconds that torchrun has to end its ranks
LIBRARIES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # torch heeds the first two
SIGNAL = 128  # exit codes above it name a signal, as a shell's do


# ------------------------------------------------------------------------------------- the run's process


def launch(run: Run, cfg: "TrainConfig") -> None:
    """Returns when all ranks have done their work; raises `Refused` with what the first of them to fail has said."""
    check(cfg.devices)
    run.update(message=f"starting {cfg.devices} processes")
    with TemporaryDirectory(prefix="ranks-") as notes:
        command = [
            sys.executable,
            "-m",
            "explorer.tasks.training.launcher",
            str(run.folder.resolve()),
            str(cfg.devices),
        ]
        given = environment(cfg, notes)
        agent = subprocess.Popen(command, env=given, pass_fds=descriptors(), start_new_session=True)
        try:
            code = agent.wait()
        finally:
            agent.terminate()
        said = first_note(Path(notes))
    if code:
        give_up(code, said)


def check(devices: int) -> None:
    """Raises `Refused` where this machine cannot train on so many devices."""
    import torch

    if find_spec("lightning_fabric") is None:
        raise Refused("several devices need lightning-fabric, which is missing: install it, or choose devices 1")
    there = torch.cuda.device_count()
    if there and devices > there:
        choices = "1" if there == 1 else f"1 to {there}"
        raise Refused(f"devices {devices} is more than the {there} GPU{'s' * (there > 1)} here: choose {choices}")


def environment(cfg: "TrainConfig", notes: str) -> dict[str, str]:
    """What torchrun and its ranks find: our source, an equal share of the threads, whom they must not outlive."""
    threads = cfg.threads or int(os.environ.get("OMP_NUM_THREADS") or 0) or cores()
    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), PARENT: str(os.getpid()), NOTES: notes}
    given |= dict.fromkeys(LIBRARIES, str(max(1, threads // cfg.devices)))
    if sys.platform == "linux":
        given.setdefault("GLOO_SOCKET_IFNAME", "lo")  # one machine: its name need not lead anywhere
    return given


def descriptors() -> list[int]:
    """The files that this process holds, its locks among them: the run, and its GPUs, are taken while a rank lives."""
    held = []
    for number in (int(path.name) for path in Path("/dev/fd").iterdir()):
        with suppress(OSError):  # that by which they are listed
            if number > 2 and stat.S_ISREG(os.fstat(number).st_mode):
                held.append(number)
    return held


def first_note(folder: Path) -> str:
    """What the first rank to fail has said: the others only lost their connection."""
    notes = sorted(folder.glob("[0-9]*"), key=lambda path: path.stat().st_mtime_ns)
    return notes[0].read_text(encoding="utf-8") if notes else ""


def give_up(code: int, said: str) -> None:
    """End as the ranks did: in words, or as a process that was killed, which the engine then resumes."""
    number = -code if code < 0 else max(0, code - SIGNAL)
    if number and multiprocessing.parent_process() is not None:
        time.sleep(2 * LOOK)  # until no rank is left that could still write
        os.kill(os.getpid(), number)
    if number:
        raise Refused(f"one of its processes was ended by {signal.Signals(number).name}: train again or continue it")
    raise Refused(said or f"its processes ended with exit code {code}; the log says why")


# ----------------------------------------------------------------------------------- torchrun, and a rank


def die_with_parent(end: Callable[[], None]) -> None:
    """Calls `end` in a thread as soon as the process that started this one is gone."""
    parent = int(os.environ[PARENT])

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
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
        run.main([*meeting(), "--nproc-per-node", devices, "-m", "explorer.tasks.training.launcher", folder, devices])
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


def rank(folder: str, devices: str) -> int:
    """One rank, from its start to its end; the first to fail ends all."""
    die_with_parent(leave)
    run = Run(Path(folder))
    try:
        from explorer import distributed
        from explorer.tasks.training.task import train

        train(run, distributed.join(int(devices)))
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
    ended = (rank if "RANK" in os.environ else torchrun)(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ended)  # waits for no thread, and closes no connection that another rank may have closed already
