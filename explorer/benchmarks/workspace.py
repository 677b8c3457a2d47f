"""The working folder of a trial: a run folder in the cache, from which a killed study goes on in the middle of an arm.

Its name says all that decides the numbers, so a training in it is this very one. It goes when the trial
has its row or has failed, and stays when the process is killed or interrupted.
"""

import json
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from explorer import reading
from explorer.benchmarks.budget import Cost
from explorer.benchmarks.protocol import Arm
from explorer.benchmarks.testbed import Testbed
from explorer.models import devices
from explorer.runs import Run, Spec, Status, atomic, metrics
from explorer.system.folders import cache_root
from explorer.system.machine import processor
from explorer.tasks.training import checkpointing
from explorer.train import Fit


@contextmanager
def workspace(arm: Arm, bench: Testbed, fit: Fit) -> Iterator[Run]:
    """The folder in which this training is recorded; raises `Busy` while another process is at work in it."""
    method, dataset = fit.method, bench.whole.name
    run = Run(cache_root() / "trials" / f"{method.info.name}-{dataset}-{key(arm, bench, fit)}")
    run.folder.mkdir(parents=True, exist_ok=True)
    with run.lock():
        spec = Spec(
            kind="trial", title=method.info.title, dataset=dataset, method=method.info.name, seed=fit.cfg.seed,
            hyperparameters=method.cfg.model_dump(), train=fit.cfg.model_dump(),
        )  # fmt: skip
        run.write_json("spec.json", spec.model_dump())
        run.write_json("status.json", Status(state="running").model_dump())
        (run.folder / "stop").unlink(missing_ok=True)
        try:
            yield run
        except Exception:
            remove(run)
            raise
        remove(run)  # of a process that is interrupted it stays


@contextmanager
def remembered_cost(arm: Arm, bench: Testbed, method: type, measure: Callable[[], Cost]) -> Iterator[Cost]:
    """What an image of this arm costs: what was measured when the trial was begun, for that decides how long it is.

    It is remembered until the trial is over.
    """
    machine = [devices.describe(devices.device(), processor=processor()), torch.get_num_threads(), torch.__version__]
    asked = [bench.protocol.as_row(), arm.definition(), bench.seed, bench.whole.hash, source(method)]
    mark = _hex([*asked, *machine])
    path = cache_root() / "trial-costs" / f"{mark}.json"
    try:
        cost = Cost(**{name: float(value) for name, value in reading.fields(path).items()})
    except (OSError, reading.Damaged, TypeError, ValueError):
        cost = measure()
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(path, json.dumps(cost._asdict()).encode())
    yield cost
    path.unlink(missing_ok=True)


def remove(run: Run) -> None:
    """Delete the folder, and what was remembered of it."""
    shutil.rmtree(run.folder, ignore_errors=True)
    metrics.forget(run.folder)


def key(arm: Arm, bench: Testbed, fit: Fit) -> str:
    """Hex, of all that decides the numbers: what is asked, the images, the code of the method, the machine."""
    settings = [fit.method.cfg.model_dump(mode="json"), fit.cfg.model_dump(mode="json")]
    machine = [checkpointing.environment(fit), checkpointing.shape(fit), source(type(fit.method))]
    return _hex([bench.protocol.as_row(), arm.definition(), *settings, *machine])


def _hex(everything: list[Any]) -> str:
    return blake2b(json.dumps(everything, sort_keys=True, default=list).encode(), digest_size=8).hexdigest()


def source(method: type) -> str:
    """Hex; another one as soon as the method's file is changed."""
    return blake2b(Path(sys.modules[method.__module__].__file__).read_bytes(), digest_size=4).hexdigest()


@contextmanager
def stopped_by_interrupt(run: Run) -> Iterator[None]:
    """Ctrl-C asks the training to stop between two steps, with a checkpoint; a second one ends it at once."""
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, usual)
        run.request_stop()

    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
