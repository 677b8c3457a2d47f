"""Many want the same run at once: one has it."""

import contextlib
import multiprocessing
import os
from pathlib import Path

import pytest

from explorer import engine, runs
from explorer.cli import execution
from explorer.engine import worker
from explorer.engine.dask import dispatch
from explorer.runs import Busy
from tests.engine.tools import spec

RACERS = 20


def race(run, gate, ended):
    """One racer: does the whole job if it gets it."""
    gate.wait()
    try:
        ended.put(worker.here(run))
    except Busy:
        ended.put("busy")
    ended.close()
    ended.join_thread()
    os._exit(0)


def owners(rounds):
    """How many of the racers have worked on the run, for each round."""
    fork, counts = multiprocessing.get_context("fork"), []
    for _ in range(rounds):
        run, gate, ended = runs.create(spec("owner")), fork.Barrier(RACERS), fork.Queue()
        racers = [fork.Process(target=race, args=(run, gate, ended)) for _ in range(RACERS)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join(60)
        assert run.status.state == "done" and run.status.attempts == 1
        assert sorted({ended.get(timeout=5) for _ in racers} - {"busy"}) == ["done"]
        counts.append(len(run.metrics()))
    return counts


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_of_twenty_racers_exactly_one_owns_the_run(rounds, monkeypatch):
    monkeypatch.setenv("EXPLORER_WORK", "tests.engine.engine_work:perform")
    counts = owners(rounds)
    print(f"\n{RACERS} racers on one run, {rounds} times: owners {min(counts)} to {max(counts)}")
    assert counts == [1] * rounds


def test_nobody_takes_a_run_that_is_made_to_be_done_here(monkeypatch):
    """An engine that looks for work the moment the folder appears finds it taken."""
    results = []
    rename = Path.rename

    def look(path, target):
        renamed = rename(path, target)
        results.extend((run.id, run.held(), worker.run_job(str(run.folder), {})) for run in runs.unfinished())
        return renamed

    monkeypatch.setenv("EXPLORER_WORK", "tests.engine.engine_work:perform")
    monkeypatch.setattr(Path, "rename", look)
    monkeypatch.setattr(worker, "PATIENCE", 0.1)
    run = execution.train_in_process(spec(steps=2), "here")
    assert results == [("here", True, "taken or deleted")]
    assert (run.status.state, run.status.attempts, run.held()) == ("done", 1, False)


def test_a_run_under_way_is_delivered_to_nobody(monkeypatch):
    run = runs.create(spec())
    monkeypatch.setattr(dispatch, "_bring", lambda: pytest.fail("there is nothing to bring"))
    with contextlib.ExitStack() as keep:
        keep.enter_context(run.lock())
        dispatch.deliver(float("inf"))
    assert engine.queue() == [run.id]
