"""Fair order: nobody's burst holds up another user, and everybody knows when it is their tags."""

import threading
import time

import pytest

from explorer import Refused, engine, runs
from explorer.engine import api, fair_queue
from explorer.engine.dask import cluster
from explorer.runs import Busy
from tests.engine.tools import spec, state, until


def waiting(user, **status):
    run = runs.create(spec(user=user))
    if status:
        run.update(**status)
    return run


def names(line):
    return "".join(run.spec.user for run in line)


def in_order(waiting_runs):
    return fair_queue.ordered(waiting_runs, fair_queue.start_tags(waiting_runs))


@pytest.mark.parametrize("each", [3, pytest.param(10, marks=pytest.mark.slow)])
def test_bursts_of_three_users_start_in_turn(shared, each):
    before = engine.submit(spec(steps=10_000))
    until(before.metrics)
    burst = [engine.submit(spec(steps=1), user=user) for user in "ABC" for _ in range(each)]
    until(lambda: all(run.status.start_tag is not None for run in burst))  # the engine knows them
    engine.request_stop(before.id)
    for run in burst:
        state(run, "done", seconds=150)
    began = names(sorted(burst, key=lambda run: run.status.started))
    print(f"\nthree users x {each} runs in one burst began in the order {began}")
    assert began == "ABC" * each


def test_turns_alternate_and_are_shown_before_they_are_given():
    waiting_runs = [waiting(user) for user in "AAABBC"]
    assert names(in_order(waiting_runs)) == "ABCABA"
    assert engine.queue() == [run.id for run in in_order(waiting_runs)]
    assert [engine.position(run) for run in in_order(waiting_runs)] == [1, 2, 3, 4, 5, 6]
    assert all(run.status.start_tag is None for run in waiting_runs)


def test_who_comes_late_is_served_after_the_present_runs_and_not_before_them():
    served = [waiting("A", start_tag=float(n), state="running", started=time.time()) for n in (7, 8)]
    queued = [waiting("A", start_tag=float(n)) for n in (9, 10)]
    late = [waiting("B"), waiting("B")]
    tags = fair_queue.start_tags(served + queued + late)
    assert [tags[run.id] for run in late] == [8, 9]  # not 0 and 1: time that B did not use is gone
    assert names(fair_queue.ordered(queued + late, tags)) == "BABA"


def test_who_comes_between_two_runs_does_not_go_before_the_whole_queue():
    """Nothing is started at that moment: the present is what comes next."""
    queued, late = [waiting("A", start_tag=float(n)) for n in (7, 8)], [waiting("B") for _ in range(4)]
    assert names(in_order(queued + late)) == "ABABBB"


def test_maps_have_turns_of_their_own():
    waiting("A", start_tag=7.0, state="running", started=time.time())
    chart = runs.create(spec(kind="map", user="A"))
    assert fair_queue.start_tags([*runs.unfinished()])[chart.id] == 0
    assert engine.position(chart) == 1


def test_dask_is_told_the_same_order():
    waiting_runs = [waiting(user) for user in "AAB"]
    tags = fair_queue.start_tags(waiting_runs)
    ordered = fair_queue.ordered(waiting_runs, tags)
    assert sorted(ordered, key=lambda run: -fair_queue.priority(run, tags[run.id])) == ordered
    assert abs(fair_queue.priority(ordered[-1], 100_000.0)) < 2**63  # as it travels


def test_a_user_may_have_so_many_trainings_waiting(monkeypatch):
    monkeypatch.setattr(cluster, "wake", lambda: None)
    monkeypatch.setenv("EXPLORER_QUEUE", "2")
    for user in ("A", "A", "B", "", "", ""):
        engine.submit(spec(), user=user)
    with pytest.raises(Refused, match="you have 2 trainings waiting, and 2 are allowed: stop one"):
        engine.submit(spec(), user="A")
    engine.submit(spec(kind="map"), user="A")
    engine.request_stop(next(run.id for run in runs.unfinished() if run.spec.user == "A"))
    assert engine.submit(spec(), user="A").spec.user == "A"


def test_only_ones_own_trainings_are_waited_for(monkeypatch):
    """Who is slow to queue a training holds up nobody but himself."""
    monkeypatch.setattr(cluster, "wake", lambda: None)
    monkeypatch.setattr(api, "ALONE", 0.1)
    create, begun, over = runs.create, threading.Event(), threading.Event()

    def slow(spec, *more):
        if spec.title == "slow":
            begun.set()
            over.wait(20)
        return create(spec, *more)

    monkeypatch.setattr(runs, "create", slow)
    first = threading.Thread(target=engine.submit, args=(spec().model_copy(update={"title": "slow"}), None, "A"))
    first.start()
    begun.wait(20)
    try:
        for user, kind in (("B", "train"), ("A", "map"), ("", "train")):
            assert engine.submit(spec(kind=kind), user=user).status.state == "queued"
        with pytest.raises(Busy, match="your last training is still being queued: ask for this one again"):
            engine.submit(spec(), user="A")
    finally:
        over.set()
        first.join()
    assert engine.submit(spec(), user="A").status.state == "queued"


def test_a_run_that_waits_has_a_turn_as_soon_as_the_engine_knows_it(shared):
    before, run = engine.submit(spec(steps=1000)), engine.submit(spec(), user="A")
    until(lambda: run.status.start_tag is not None)
    engine.request_stop(before.id)
    state(run, "done")
