"""Stopping: at once, and with all that a run has started."""

import psutil

from explorer import engine, runs
from tests.engine.tools import alive, spec, state, until


def test_stop_takes_effect_within_two_seconds(shared):
    run = engine.submit(spec(steps=10_000))
    until(run.metrics)
    engine.request_stop(run.id)
    status = state(run, "stopped", seconds=2)
    assert status.step == len(run.metrics()) > 0


def test_a_run_that_does_not_listen_is_ended_by_force_with_all_it_started(shared):
    run = engine.submit(spec("deaf"))
    other = psutil.Process(until(run.metrics)[0]["child"])
    engine.request_stop(run.id)
    state(run, "stopped", seconds=5)
    until(lambda: not alive(other), 5)
    until(lambda: not run.held(), 5)


def test_a_queued_run_can_be_stopped_before_it_starts(shared):
    before, run, deleted, after = engine.submit(spec(steps=50)), *(engine.submit(spec()) for _ in range(3))
    until(before.metrics)
    engine.request_stop(run.id)
    assert run.status.state == "stopped"
    runs.delete(deleted.id)
    assert engine.queue() == [after.id]
    state(before, "done")
    state(after, "done")
    assert (run.status.attempts, run.metrics(), deleted.folder.exists()) == (0, [], False)
