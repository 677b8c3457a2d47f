"""kill -9 at random moments under the real engine: no run is lost, none is damaged, all end with the same bytes."""

import hashlib
import os
import random
import signal
import time
from contextlib import suppress

import pytest
from tools import engine_in, prepare, until

from explorer import jobs
from explorer.jobs import requests
from explorer.runs import locks

KILLS = int(os.environ.get("UNFOLD_KILLS", "200"))
EACH = 2  # a run has three attempts
AHEAD = 4  # runs that wait, so that the engine is never idle
SHORT = {"epochs": 8, "batch": 32, "subset": 512, "threads": 1}


@pytest.fixture
def engine(tmp_path, monkeypatch):
    with engine_in(prepare(monkeypatch, tmp_path / "runs")):
        monkeypatch.setenv("EXPLORER_WORK", "kill_work:perform")
        yield


def submitted():
    return jobs.submit(requests.train("autoencoder", "digits", {}, SHORT))


def attempt(run, number):
    """The process of that attempt and when it was found; None if the run has ended before."""

    def found():
        status = run.status
        if status.final:
            return "ended"
        with suppress(OSError):
            process = locks.holder(run.folder / "lock")
            return process and status.attempts == number and run.status.attempts == number and process
        return None

    process = until(found)
    return None if process == "ended" else process


def kill(run, number, within):
    """Kills the process of an attempt at a random moment; False if it came to its end before."""
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
            return True
    return False


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
    first = submitted()
    within = duration(first) * 1.1
    kills, waiting, done, resumed_at = 0, [submitted() for _ in range(AHEAD)], [], []
    while kills < KILLS:
        run, before = waiting.pop(0), kills
        waiting.append(submitted())
        for number in range(1, EACH + 1):
            if kills < KILLS and kill(run, number, within):
                kills += 1
                resumed_at.append(run.status.step)
        assert ended(run).state == "done", run.status
        assert run.status.attempts == 1 + kills - before
        done.append(run)
    for run in waiting:
        assert ended(run).state == "done"
    shas = {tuple(digests(run)) for run in [first, *done, *waiting]}
    damaged = [(run.id, found) for run in done if (found := corrupt(run))]
    middle = sum(0 < step < first.status.steps for step in resumed_at)
    print(f"{kills} kills of {len(done)} runs, {middle} in the middle of their steps: {len(damaged)} corrupt, all done")
    print(f"SHA-256 of last and best weights: {len(shas)} kind(s), {shas}")
    assert kills >= KILLS
    assert not damaged
    assert len(shas) == 1
