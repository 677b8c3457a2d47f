"""Who comes first, and how many at once."""

import time
from itertools import pairwise

from explorer import engine, runs
from explorer.engine.dask import dispatch
from tests.engine.tools import spec, state, until


def test_jobs_start_in_the_order_they_were_submitted(shared):
    submitted = [engine.submit(spec(steps=3)) for _ in range(6)]
    ids = [run.id for run in submitted]
    until(lambda: submitted[0].status.state != "queued")
    waiting = engine.queue()
    assert waiting == ids[-len(waiting) :]
    for run in submitted:
        state(run, "done")
    rows = [row["at"] for run in submitted for row in run.metrics()]
    assert all(earlier < later for earlier, later in pairwise(rows))  # and one at a time
    assert engine.queue() == []


def test_an_older_run_goes_first_even_if_it_comes_to_the_engine_later(shared, monkeypatch):
    before = engine.submit(spec(steps=10_000))
    until(before.metrics)
    waiting = [runs.create(spec(steps=2)) for _ in range(3)]
    monkeypatch.setattr(dispatch.runs, "unfinished", lambda: waiting[::-1])
    dispatch.deliver(time.time())
    engine.request_stop(before.id)
    for run in waiting:
        state(run, "done")
    assert sorted(waiting, key=lambda run: run.status.started) == waiting


def test_as_many_runs_run_at_once_as_there_are_slots(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_SLOTS", "2")
    submitted = [engine.submit(spec(steps=1000)) for _ in range(3)]
    until(lambda: all(run.metrics() for run in submitted[:2]))
    assert engine.queue() == [submitted[2].id]
    for run in submitted[:2]:
        engine.request_stop(run.id)
    until(submitted[2].metrics)


def test_a_map_does_not_wait_for_trainings_nor_a_training_for_maps(own):
    first = engine.submit(spec(steps=1000))
    until(first.metrics)
    second = engine.submit(spec(steps=1000), user="B")
    chart = engine.submit(spec(steps=1000, kind="map"))
    until(chart.metrics, 20)  # although a training of the same start tag waits before it
    waiting = engine.submit(spec(steps=1000, kind="map", n=2), user="C")
    third = engine.submit(spec(steps=1000))
    until(lambda: third.status.start_tag is not None)
    engine.request_stop(first.id)
    until(second.metrics)
    engine.request_stop(second.id)
    until(third.metrics, 20)  # although a map of an earlier start tag waits before it
    assert third.status.start_tag > waiting.status.start_tag and waiting.status.state == "queued"
