"""Each pool has a worker of its own, however the process that holds both was started."""

import signal
import subprocess
import sys

import psutil
import pytest

from explorer import engine, runs
from explorer.engine import resources
from tests.engine.dask.machines import address, scheduler, started, surroundings, worker
from tests.engine.tools import spec, state, until


@pytest.fixture
def elsewhere(own, monkeypatch):
    """A scheduler of Dask's own command; its address."""
    file = own.parent / "scheduler.json"
    with started(scheduler(file, "127.0.0.1"), env=surroundings(own), log=own.parent / "log.txt"):
        monkeypatch.setenv("EXPLORER_SCHEDULER", address(file))
        yield address(file)


def offers(scheduler):
    """What each worker has that has come to the scheduler."""
    code = f"""
from distributed import Client
workers = Client({scheduler!r}).scheduler_info(n_workers=-1)["workers"].values()
print(sorted(str(worker["resources"]) for worker in workers))
"""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize(("offer", "preload"), [
    ("training=1 interactive=1", "explorer.engine.dask.preload"),
    ("slot=1 desk=1", "explorer.jobs.worker"),
], ids=["of today", "of before"])  # fmt: skip
def test_a_worker_serves_both_pools_and_a_training_that_waits_holds_up_no_map(offer, preload, own, elsewhere):
    command = [preload if word == "explorer.engine.dask.preload" else word for word in worker(elsewhere, offer)]
    with started(command, env=surroundings(own), log=own.parent / "worker.txt"):
        first = engine.submit(spec(steps=10_000))
        until(first.metrics)
        second = engine.submit(spec(steps=1))
        until(lambda: second.status.start_tag is not None)
        state(engine.submit(spec(steps=1, kind="map")), "done", seconds=20)
        assert (first.status.state, second.status.state) == ("running", "queued")
        assert offers(elsewhere) == str(["{'interactive': 1.0}", "{'training': 1.0}"])
        engine.request_stop(first.id)
        state(second, "done")


@pytest.mark.parametrize("offer", ["training=1", "desk=1"])
def test_a_worker_of_one_pool_stays_alone(offer, own, elsewhere):
    with started(worker(elsewhere, offer), env=surroundings(own), log=own.parent / "worker.txt"):
        until(lambda: offers(elsewhere) != "[]", 30)
        assert offers(elsewhere) == str([f"{{'{'training' if offer == 'training=1' else 'interactive'}': 1.0}}"])


def test_a_worker_that_is_told_to_end_takes_its_second_and_its_runs_with_it(own, elsewhere):
    command = worker(elsewhere, "training=1 interactive=1")
    with started(command, env=surroundings(own), log=own.parent / "worker.txt") as processes:
        training, chart = engine.submit(spec(steps=10_000)), engine.submit(spec(steps=10_000, kind="map"))
        for run in (training, chart):
            until(run.metrics)
        children = psutil.Process(processes[0].pid).children(recursive=True)
        processes[0].send_signal(signal.SIGTERM)
        processes[0].wait(20)
        until(lambda: not any(child.is_running() for child in children), 5)
        assert [(run.status.state, run.status.attempts) for run in (training, chart)] == [("interrupted", 0)] * 2
        assert offers(elsewhere) == "[]"


def test_a_worker_ends_with_its_second_so_that_none_serves_half_for_ever(own, elsewhere):
    command = worker(elsewhere, "training=1 interactive=1")
    with started(command, env=surroundings(own), log=own.parent / "worker.txt") as processes:
        until(lambda: "interactive" in offers(elsewhere), 30)
        code = f"""
from distributed import Client
client = Client({elsewhere!r})
workers = client.scheduler_info(n_workers=-1)["workers"]
client.retire_workers([name for name, worker in workers.items() if "interactive" in worker["resources"]])
"""
        subprocess.run([sys.executable, "-c", code], check=True)
        processes[0].wait(20)


def test_the_pool_of_a_run_decides_where_it_waits_and_not_its_kind():
    run = runs.create(spec(kind="map").model_copy(update={"pool": "training"}))
    assert resources.needs(run, [{"training": 1, "interactive": 1}]) == {"training": 1}


def test_the_names_of_before_are_those_of_today():
    assert resources.current_names({"slot": 2, "desk": 1, "GPU": 2}) == {"training": 2, "interactive": 1, "GPU": 2}
