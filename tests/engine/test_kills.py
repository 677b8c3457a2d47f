"""kill -9 at random moments under the real engine: no run is lost, none is damaged, all end with the same bytes."""

import hashlib
import os
import random
import signal
import time
from contextlib import suppress
from statistics import median

import pytest

from explorer import runs
from explorer.engine.dask.cluster import wake
from explorer.runs import locks
from explorer.tasks.training import request as training_request
from tests.engine.tools import engine_in, prepare, until

KILLS = int(os.environ.get("KILLS") or 200)  # tests/conftest.py hides what is called EXPLORER_…
EACH = 2  # a run has three attempts
SHORT = {"epochs": 4, "batch": 32, "subset": 256, "threads": 1}
PRELOAD = "tests.engine.kill_work,torch"  # an attempt then takes a second, not four


@pytest.fixture
def engine(tmp_path, monkeypatch):
    with engine_in(prepare(monkeypatch, tmp_path / "runs")):
        monkeypatch.setenv("EXPLORER_WORK", "tests.engine.kill_work:perform")
        monkeypatch.setenv("EXPLORER_PRELOAD", PRELOAD)
        yield


def submitted(count):
    """Runs that wait, so many that the engine is never idle."""
    trainings = [runs.create(training_request.train("autoencoder", "digits", {}, SHORT)) for _ in range(count)]
    wake()
    return trainings


def attempt(run, number):
    """The process of that attempt and when it was found; None if the run has ended before."""

    def its_process():
        status = run.status
        if status.final:
            return "ended"
        with suppress(OSError):
            process = locks.holder(run.folder / "lock")
            return process and status.attempts == number and run.status.attempts == number and process
        return None

    process = until(its_process)
    return None if process == "ended" else process


def kill(run, number, within):
    """Kills the process of an attempt at a random moment; False if its work was done by then."""
    if not (process := attempt(run, number)):
        return False
    moment = time.monotonic() + random.uniform(0, within)
    while time.monotonic() < moment:
        if run.status.final:
            return False
        time.sleep(0.002)
    with suppress(ProcessLookupError):
        if locks.holder(run.folder / "lock") == process:
            os.kill(process, signal.SIGKILL)
    return until(lambda: run.status.attempts > number or run.status.final) and run.status.attempts > number


def ended(run):
    return until(lambda: run.status.final and run.status, 120)


def duration(run):
    """How long one attempt takes when nobody disturbs it."""
    attempt(run, 1)
    since = time.monotonic()
    ended(run)
    return time.monotonic() - since


def digests(run):
    return [hashlib.sha256(run.weights(which).read_bytes()).hexdigest() for which in ("last", "best")]


def corrupt(run):
    """What is damaged in the folder of a run."""
    status, steps = run.status, [row["step"] for row in run.metrics() if "loss" in row]
    for step in run.frames():
        run.frame(step)
    return [*filter(None, [status.caveat, run.damage(), "rows twice" * (len(steps) != len(set(steps)))])]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_runs_killed_at_random_moments_are_resumed_and_end_with_the_same_bytes(engine):
    random.seed(0)
    unharmed, waiting = submitted(3), submitted(KILLS)
    within = median([duration(run) for run in unharmed])
    kills, harmed, resumed_at = 0, [], []
    while kills < KILLS and waiting:
        run, before = waiting.pop(0), kills
        for number in range(1, EACH + 1):
            if kills < KILLS and kill(run, number, within):
                kills += 1
                resumed_at.append(run.status.step)  # where it was killed, or a little later
        assert ended(run).state == "done", run.status
        assert run.status.attempts == 1 + kills - before
        if kills > before:
            harmed.append(run)
    for run in waiting:
        run.request_stop()
    shas = {tuple(digests(run)) for run in [*unharmed, *harmed]}
    damaged = [(run.id, file) for run in harmed if (file := corrupt(run))]
    middle = sum(0 < step < unharmed[0].status.steps for step in resumed_at)
    print(
        f"{kills} kills of {len(harmed)} runs, {middle} between two steps: {len(damaged)} corrupt, all resumed and done"
    )
    print(f"SHA-256 of last and best weights: {len(shas)} kind(s), {shas}")
    assert kills == KILLS
    assert not damaged
    assert len(shas) == 1
