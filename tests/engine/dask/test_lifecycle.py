"""The engine's own start and end."""

import subprocess
import sys

import pytest

from explorer import engine, runs
from explorer.engine.dask import cluster
from tests.engine.tools import command, processes, python, spec, state, until


def test_two_starters_start_one_engine(own):
    starters = [subprocess.Popen(**python("engine.submit(spec(steps=1))")) for _ in range(3)]
    assert [starter.wait() for starter in starters] == [0, 0, 0]
    for run in runs.listing(shipped=False):
        state(run, "done")
    assert len(runs.listing(shipped=False)) == 3
    for kind in ("dask scheduler", "dask worker"):
        assert len([process for process in processes(own) if kind in command(process)]) == 1


def test_shutdown_leaves_no_process_and_its_runs_go_on_later(own):
    run = engine.submit(spec(steps=500))
    until(run.metrics)
    engine.shutdown()
    until(lambda: not processes(own), 2)  # who brought the run may still be leaving
    assert (run.status.state, run.status.attempts) == ("interrupted", 0)
    assert engine.queue() == [run.id]
    engine.reconcile()
    state(run, "running")
    engine.request_stop(run.id)
    state(run, "stopped")


def test_the_commands_of_before_bring_runs_to_the_engine_and_end_it(own):
    run = runs.create(spec(steps=10_000))
    subprocess.run([sys.executable, "-m", "explorer.jobs", "deliver"], check=True)
    until(run.metrics)
    subprocess.run([sys.executable, "-m", "explorer.jobs", "shutdown"], check=True)
    until(lambda: not processes(own), 2)
    assert (run.status.state, run.status.attempts) == ("interrupted", 0)


def test_shutdown_just_after_a_submit_leaves_no_process(own):
    run = engine.submit(spec())
    engine.shutdown()
    until(lambda: not processes(own), 10)
    assert run.status.state == "queued" and not cluster.alive()


@pytest.mark.parametrize("steps", [1, pytest.param(220, marks=pytest.mark.slow)])  # longer than the engine would wait
def test_an_engine_without_work_ends_itself_and_not_before(own, monkeypatch, steps):
    monkeypatch.setenv("EXPLORER_IDLE", "4 seconds")
    run = engine.submit(spec(steps=steps))
    state(run, "done")
    until(lambda: not processes(own), 20)
    assert not cluster.alive()
    assert run.status.attempts == 1


def test_the_machine_says_what_it_has():
    machine = engine.machine()
    assert machine["cores"] >= 1 and machine["memory"] > 0 and machine["disk_free"] > 0
    assert machine["python"] and machine["device"]
