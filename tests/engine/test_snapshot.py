"""Looking is cheap: a class of thirty shares one look, and what has ended is not read again."""

import threading
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from explorer import engine, runs
from explorer.engine import api, eta, snapshot
from explorer.engine.dask import cluster
from tests.engine.tools import spec


@pytest.fixture
def looks(monkeypatch):
    """Counts the looks."""
    calls, real = [], snapshot.take_snapshot
    monkeypatch.setattr(snapshot, "take_snapshot", lambda: calls.append(1) or real())
    return calls


@pytest.fixture
def orders(monkeypatch):
    """Counts the orders of an engine that lives."""
    calls = []
    monkeypatch.setattr(cluster, "wake", lambda: calls.append(1))
    monkeypatch.setattr(cluster, "alive", lambda: True)
    monkeypatch.setattr(api, "_last_order", float("-inf"))
    return calls


def at_once(n, call):
    threads = [threading.Thread(target=call) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_thirty_who_ask_at_once_share_one_look(looks):
    runs.create(spec())
    at_once(30, engine.recent_snapshot)
    assert looks == [1]


def test_thirty_pages_that_find_a_run_idle_order_once_and_look_once(looks, orders):
    runs.create(spec())
    at_once(30, engine.reconcile)
    assert (looks, orders) == ([1], [1])


def test_another_folder_of_runs_is_another_look(monkeypatch, tmp_path):
    runs.create(spec())
    assert len(engine.recent_snapshot().runs) == 1
    monkeypatch.setenv("EXPLORER_RUNS", str(tmp_path / "others"))
    assert engine.recent_snapshot().runs == ()


def test_a_run_that_has_ended_is_not_read_again_unless_it_is_made_anew(monkeypatch):
    ended, waiting, asked = runs.create(spec()), runs.create(spec()), []
    ended.update(state="failed", error="x")
    chart = runs.create(spec(kind="map"))
    chart.update(state="failed", error="x")
    assert runs.unfinished() == [waiting]
    real = runs.Run._read_spec
    monkeypatch.setattr(runs.Run, "_read_spec", lambda run: asked.append(run.id) or real(run))
    assert runs.unfinished() == [waiting]
    assert set(asked) == {waiting.id}
    again = runs.create(spec(kind="map"))
    assert again.id == chart.id and runs.unfinished() == [waiting, again]


def test_what_waits_alike_is_estimated_once(monkeypatch):
    line = [runs.create(spec(train={"epochs": n, "encoder": "conv"})) for n in range(1, 21)]
    monkeypatch.setattr(eta, "_known", {})
    monkeypatch.setattr(eta, "time", SimpleNamespace(monotonic=lambda: 5.0))  # within one second
    eta._pace.cache_clear()
    now = snapshot.take_snapshot()
    assert [now.position(run) for run in line] == [*range(1, 21)]
    assert now.wait_seconds(line[0]) == 0
    assert [eta.work_seconds(run) for run in line] == [None] * 20
    assert eta._pace.cache_info().misses == 1


@pytest.mark.parametrize(
    ("gpus", "under_way", "asked", "free"),
    [
        (4, [1], 3, True),
        (4, [1], 4, False),
        (4, [2, 2], 1, False),
        (4, [1, 1], 2, True),
        (4, [], 8, True),  # more than there is: it waits for nobody
        (0, [], 4, True),  # its ranks share the cores
        (0, [4], 1, False),
    ],
)
def test_a_run_occupies_as_many_slots_as_it_has_gpus(gpus, under_way, asked, free, monkeypatch):
    monkeypatch.setenv("EXPLORER_GPUS", str(gpus))
    with ExitStack() as held:
        for devices in under_way:
            held.enter_context(runs.create(spec(train={"devices": devices})).lock())
        assert snapshot.take_snapshot().free(spec(train={"devices": asked})) is free


def test_a_training_in_a_terminal_is_not_the_engines_work(orders):
    in_terminal, _ = runs.create(spec()), runs.create(spec())
    with in_terminal.lock():
        engine.reconcile()
    assert orders == [1]


def test_what_the_engine_works_on_needs_no_order_even_between_two_processes(orders):
    at_work, _ = runs.create(spec()), runs.create(spec())
    with at_work.lock() as lock:
        for process in (None, 1):
            runs.locks.sign(lock, process)
            snapshot._last.clear()
            engine.reconcile()
    assert orders == []
