"""Engines on other machines: the same runs, the same order, and a sentence where something is missing."""

import os
import subprocess
import sys
import time

import pytest

from explorer import engine, runs
from explorer.engine import resources
from explorer.engine.dask import cluster, dispatch
from tests.engine.dask.machines import address, certificates, machines, scheduler, started, surroundings, worker
from tests.engine.tools import spec, state, until


@pytest.fixture
def elsewhere(own, monkeypatch):
    """A scheduler of Dask's own command; its address, and whatever else shall be started."""
    file, log = own.parent / "scheduler.json", own.parent / "log.txt"
    with started(scheduler(file, "127.0.0.1"), env=surroundings(own), log=log):
        monkeypatch.setenv("EXPLORER_SCHEDULER", address(file))
        yield address(file)


def test_a_scheduler_elsewhere_does_the_same_work(own, elsewhere):
    command = [sys.executable, "-m", "explorer.engine", "worker", elsewhere]
    with started(command, env=cluster.environment(), log=own.parent / "worker.txt") as processes:
        first, second = engine.submit(spec(steps=20)), engine.submit(spec())
        until(lambda: "offers no" not in state(first, "done").message)
        state(second, "done")
        assert first.status.finished <= second.status.started  # one slot here too
        assert not cluster.alive()  # none was started here
        engine.shutdown()
        assert processes[0].poll() is None  # nor is another's ended


def test_a_scheduler_that_does_not_answer_is_named(own, monkeypatch):
    monkeypatch.setenv("EXPLORER_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr(cluster, "PATIENCE", 0.3)
    run = runs.create(spec())
    dispatch.deliver(time.time())
    assert (run.status.state, run.status.attempts) == ("queued", 0)
    assert "tcp://127.0.0.1:9" in run.status.message


def test_workers_that_are_missing_or_offer_nothing_are_named(own, elsewhere, monkeypatch):
    monkeypatch.setattr(dispatch, "PATIENCE", 0.5)
    run = runs.create(spec())
    dispatch.deliver(time.time())
    assert f"no worker has come to {elsewhere} yet" in run.status.message
    blind = surroundings(own, EXPLORER_RUNS=str(own / "nowhere"))
    log = own.parent / "worker.txt"
    monkeypatch.setattr(dispatch, "PATIENCE", 20)
    with started(worker(elsewhere, "training=1"), env=blind, log=log):
        dispatch.deliver(time.time())
        assert "does not see" in run.status.message and str(own) in run.status.message
    with started(worker(elsewhere, "memory=1"), env=surroundings(own), log=log) as processes:
        until(lambda: dispatch.deliver(time.time()) or "offers a training slot" in run.status.message, 30)
        assert run.status.message.startswith("No worker offers a training slot: start one with")
        assert processes[0].poll() is None
        with started(worker(elsewhere, "training=1 interactive=1"), env=surroundings(own), log=log):
            state(run, "done")  # it has waited there


def test_two_machines_of_different_resources_share_the_work(own, monkeypatch):
    """Network namespaces are machines here: own addresses, own ports; the folder of runs is what they share."""
    log = own.parent
    with machines() as on:
        file = own.parent / "scheduler.json"
        env = surroundings(own)
        with started(scheduler(file, "10.213.7.1"), env=env, log=log / "scheduler.txt"):
            monkeypatch.setenv("EXPLORER_SCHEDULER", address(file))
            one = [*on["one"], *worker(address(file), "training=1 interactive=1")]
            two = [*on["two"], *worker(address(file), "training=2 interactive=1 GPU=2", "--nthreads", "2")]
            with started(one, two, env={**env, "EXPLORER_GPUS": "0"}, log=log / "workers.txt"):
                until(lambda: delivered_to(2 * len(resources.POOLS)))
                wide = engine.submit(spec("where_it_runs", train={"devices": 2}))
                charts = [engine.submit(spec("where_it_runs", steps=n, kind="map")) for n in range(4)]
                too_wide = engine.submit(spec("where_it_runs", train={"devices": 3}))
                for run in (wide, *charts):
                    state(run, "done")
                places = {run.scores()["address"] for run in (wide, *charts)}
                print(f"\nmaps and a training on 2 devices ran at {sorted(places)}")
                assert wide.scores()["address"] == "10.213.7.3" and len(places) == 2
                words = "It needs 3 training slots and 3 GPUs of one worker, and the largest has 2 training slots"
                assert words in too_wide.status.message
                engine.request_stop(too_wide.id)


def delivered_to(workers):
    """Whether so many workers have come to the scheduler."""
    there = "from distributed import Client; print(len(Client('{}').scheduler_info(n_workers=-1)['workers']))"
    code = there.format(os.environ["EXPLORER_SCHEDULER"])
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout) == workers


def test_tls_keeps_out_who_has_no_certificate(own, monkeypatch):
    tls, file = certificates(own.parent / "tls"), own.parent / "scheduler.json"
    env = surroundings(own, **tls)
    with started(scheduler(file, "127.0.0.1", "--protocol", "tls"), env=env, log=own.parent / "scheduler.txt"):
        assert address(file).startswith("tls://")
        monkeypatch.setenv("EXPLORER_SCHEDULER", address(file))
        with started(worker(address(file), "training=1 interactive=1"), env=env, log=own.parent / "worker.txt"):
            run = runs.create(spec())
            with monkeypatch.context() as bare:
                bare.setattr(cluster, "PATIENCE", 1.0)
                dispatch.deliver(time.time())  # this process has read its settings before there were certificates
            assert run.status.state == "queued" and "TLS" in run.status.message
            for name, value in tls.items():
                monkeypatch.setenv(name, value)
            start = time.monotonic()
            engine.reconcile()
            state(run, "done")
            print(f"\nover TLS, a run was done after {time.monotonic() - start:.1f} s")
