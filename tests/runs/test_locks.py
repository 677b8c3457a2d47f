"""A run is held by one process at a time."""

import multiprocessing
import time
from pathlib import Path

import pytest

from explorer import runs
from explorer.runs import Busy, Run
from tests.runs.run_cases import spec


def test_only_one_holds_a_run():
    run = runs.create(spec())
    with run.lock():
        assert run.held()
        with pytest.raises(Busy, match=run.id), run.lock():
            pass
    assert not run.held()


def test_the_kernel_frees_the_lock_of_a_killed_process():
    run = runs.create(spec())
    process = multiprocessing.get_context("spawn").Process(target=_hold, args=(str(run.folder),))
    process.start()
    _until(run.held)
    process.kill()
    process.join()
    assert not run.held()


def _hold(folder):
    with Run(Path(folder)).lock():
        time.sleep(60)


def _until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
