"""A training on several devices: the run's own process starts torchrun (`rank_process`) and waits.

It keeps the run's lock, its log and its end. The message of the first rank to fail becomes the run's.
"""

import multiprocessing
import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from explorer import Refused, runs
from explorer.runs import Run
from explorer.system.machine import cores

if TYPE_CHECKING:
    from explorer.core import TrainConfig

RANKS = "explorer.tasks.training.rank_process"  # what torchrun and its ranks execute
PARENT = "EXPLORER_RANKS_PARENT"  # the process that a rank, or torchrun, must not outlive
NOTES = "EXPLORER_RANKS_NOTES"  # a folder: what went wrong, by rank
POLL = 0.1  # seconds between two looks at the parent
LIBRARIES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # torch heeds the first two
SIGNAL = 128  # exit codes above it name a signal, as a shell's do


def launch(run: Run, cfg: "TrainConfig") -> None:
    """Returns when all ranks have done their work; raises `Refused` with the message of the first one to fail."""
    check(cfg.devices)
    run.update(message=f"starting {cfg.devices} processes")
    with TemporaryDirectory(prefix="ranks-") as notes:
        command = [sys.executable, "-m", RANKS, str(run.folder.resolve()), str(cfg.devices)]
        variables = environment(cfg, notes)
        agent = subprocess.Popen(command, env=variables, pass_fds=descriptors(), start_new_session=True)
        try:
            code = agent.wait()
        finally:
            agent.terminate()
        message = first_note(Path(notes))
    if code:
        give_up(code, message)


def check(devices: int) -> None:
    """Raises `Refused` where this machine cannot train on so many devices."""
    import torch

    there = torch.cuda.device_count()
    if there and devices > there:
        choices = "1" if there == 1 else f"1 to {there}"
        raise Refused(f"devices {devices} is more than the {there} GPU{'s' * (there > 1)} here: choose {choices}")


def environment(cfg: "TrainConfig", notes: str) -> dict[str, str]:
    """What torchrun and its ranks find: our source, an equal share of the threads, whom they must not outlive."""
    threads = cfg.threads or int(os.environ.get("OMP_NUM_THREADS") or 0) or cores()
    paths = [str(runs.REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), PARENT: str(os.getpid()), NOTES: notes}
    variables |= dict.fromkeys(LIBRARIES, str(max(1, threads // cfg.devices)))
    if sys.platform == "linux":
        variables.setdefault("GLOO_SOCKET_IFNAME", "lo")  # one machine: its name need not lead anywhere
    return variables


def descriptors() -> list[int]:
    """The files that this process holds, its locks among them: the run, and its GPUs, are taken while a rank lives."""
    held = []
    for number in (int(path.name) for path in Path("/dev/fd").iterdir()):
        with suppress(OSError):  # that by which they are listed
            if number > 2 and stat.S_ISREG(os.fstat(number).st_mode):
                held.append(number)
    return held


def first_note(folder: Path) -> str:
    """The message of the first rank to fail: the others only lost their connection."""
    notes = sorted(folder.glob("[0-9]*"), key=lambda path: path.stat().st_mtime_ns)
    return notes[0].read_text(encoding="utf-8") if notes else ""


def give_up(code: int, message: str) -> None:
    """End as the ranks did: in words, or as a process that was killed, which the engine then resumes."""
    number = -code if code < 0 else max(0, code - SIGNAL)
    if number and multiprocessing.parent_process() is not None:
        time.sleep(2 * POLL)  # until no rank is left that could still write
        os.kill(os.getpid(), number)
    if number:
        raise Refused(f"one of its processes was ended by {signal.Signals(number).name}: train again or continue it")
    raise Refused(message or f"its processes ended with exit code {code}; the log says why")
