"""What the engine's tests share: an engine that is ended whatever happens, and waiting for what becomes true."""

import os
import sys
import time
from contextlib import contextmanager, suppress

import psutil
import pytest

from explorer import engine, runs
from explorer.engine import api
from explorer.runs import Spec

ENVIRONMENT = {
    "EXPLORER_WORK": "tests.engine.engine_work:perform",
    "EXPLORER_GRACE": "1",
    "EXPLORER_IDLE": "3 minutes",  # should the tests themselves be killed
    "PYTHONPATH": str(runs.REPOSITORY),
}


def until(condition, seconds=90.0):
    """Waits for something to become true; what it was is the answer."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.01)
    return answer


def processes(root):
    """The living processes that belong to a folder of runs, but for the tests themselves."""
    living = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("EXPLORER_RUNS") == str(root) and alive(process) and process.pid != os.getpid():
                living.append(process)
        except psutil.Error:
            continue
    return living


def alive(process):
    """A zombie, which nobody has waited for, is not."""
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def command(process):
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


@contextmanager
def engine_in(root):
    """An engine that will be ended, whatever happens."""
    try:
        yield root
    finally:
        with pytest.MonkeyPatch.context() as patch:
            prepare(patch, root)
            engine.shutdown()
        until(lambda: not processes(root), 10)


def prepare(patch, root):
    for name, value in {**ENVIRONMENT, "EXPLORER_RUNS": str(root)}.items():
        patch.setenv(name, value)
    patch.delenv("EXPLORER_SCHEDULER", raising=False)
    patch.setattr(api, "_last_order", float("-inf"))
    return root


def spec(do="count", steps=5, train=None, kind="train", user="", **params):
    params = {"do": do, "steps": steps, **params}
    train = train or {}
    return Spec(kind=kind, title="a test", method=do, dataset="digits", params=params, train=train, user=user)


def state(run, *states, seconds=90.0):
    def reached():
        status = run.status  # read once: it may change between two looks
        if status.final and status.state not in states:
            pytest.fail(str(status))
        return status if status.state in states else None

    return until(reached, seconds)


def python(code):
    """How another interface is started."""
    return {"args": [sys.executable, "-c", f"from explorer import engine; from tests.engine.tools import spec; {code}"]}
