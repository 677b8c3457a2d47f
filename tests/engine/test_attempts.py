"""What counts as an attempt of a run, and what is said after the last one."""

import os
import signal
import threading

import pytest

from explorer import runs
from explorer.engine import attempts, worker
from explorer.engine.dask import dispatch
from explorer.runs import locks
from tests.engine.tools import spec, until

SETTINGS = {"EXPLORER_WORK": "tests.engine.engine_work:perform"}
CAUSE = "memory ran out, and the system ended it; a smaller batch needs less"


@pytest.fixture
def closing(monkeypatch):
    """What Dask sets when the worker ends."""
    monkeypatch.setattr(worker, "closing", threading.Event())
    return lambda: worker.closing


def attempt(run, meanwhile):
    """One worker, in this process, and what happens to it once the run is at work."""
    rows = len(run.metrics())
    thread = threading.Thread(target=worker.run_job, args=(str(run.folder), SETTINGS))
    thread.start()
    until(lambda: len(run.metrics()) > rows)
    meanwhile()
    thread.join(20)


def told_before_its_worker(run, closing, then=0.2):
    """The machine is shut down: a run's process may be told before its worker is."""
    os.kill(locks.holder(run.folder / "lock"), signal.SIGTERM)
    threading.Timer(then, closing().set).start()


def test_an_engine_that_is_ended_in_order_costs_no_attempt(closing):
    run = runs.create(spec(steps=100_000))
    for end in (lambda: closing().set(), lambda: closing().set(), lambda: told_before_its_worker(run, closing)):
        closing().clear()
        attempt(run, end)
        assert (run.status.state, run.status.attempts) == ("interrupted", 0), run.status


def test_a_process_that_is_ended_alone_has_used_up_its_attempts(closing, monkeypatch):
    monkeypatch.setattr(worker, "STAGGER", 0.1)
    run = runs.create(spec("count", steps=100_000))
    run.update(attempts=2)
    attempt(run, lambda: os.kill(locks.holder(run.folder / "lock"), signal.SIGTERM))
    assert (run.status.state, run.status.attempts) == ("failed", 3)
    assert "3 times (by SIGTERM)" in run.status.error


@pytest.mark.parametrize(("checkpoint", "words"), [
    (False, "Remove the cause, then train again."),
    (True, "Remove the cause, then continue this run; its checkpoint of step 7 is intact."),
])  # fmt: skip
def test_the_cause_of_an_interruption_is_kept_until_the_end_which_says_what_to_do(checkpoint, words):
    run = runs.create(spec())
    if checkpoint:
        run.write_checkpoint(7, {"model.safetensors": b"weights", "resume.pt": b"state"})
    run.update(state="running", attempts=3)
    attempts.cut_short(run, CAUSE)
    for offers in ([{"memory": 1.0}], [{"training": 1.0}]):  # the worker died too, and another one came
        assert dispatch._ready(run, 1.0, offers)
        assert "offers a training slot" in run.status.message or run.status.message == CAUSE
    assert not attempts.begin(run)
    assert f"3 times ({CAUSE}); its log is empty" in run.status.error
    assert run.status.error.endswith(words)


def test_a_run_whose_worker_is_gone_is_interrupted_and_says_so():
    run = runs.create(spec())
    run.update(state="running", attempts=1)
    dispatch._ready(run, 1.0, [{"training": 1.0}])
    assert (run.status.state, run.status.attempts, run.status.cause) == ("interrupted", 1, "the engine died with it")
