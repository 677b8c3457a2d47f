"""How long a run takes and how long it waits, from runs that were done before."""

import time
from types import SimpleNamespace

import pytest

from explorer import engine, runs
from explorer.engine import eta
from tests.engine.tools import spec

HYPERPARAMETERS = {"epochs": 10, "encoder": "conv", "batch": 64}
CLOSED_FORM = ({"step": 0, "solved": True},)  # the first rows of its curve


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    monkeypatch.setattr(eta, "_known", {})
    a_second_later()


def a_second_later():
    """What is asked for once a second is asked for anew; what is known of runs that have ended stays."""
    for once_a_second in (eta._pace, eta._gathered, eta._shipped):
        once_a_second.cache_clear()


@pytest.fixture
def now(monkeypatch):
    """For the estimates alone the time stands still."""
    moment = time.time()
    monkeypatch.setattr(eta, "time", SimpleNamespace(time=lambda: moment, monotonic=time.monotonic))
    return moment


def done(rate=500.0, epochs=10, besides=2.0, do="count", kin=None, steps=0, seen=0, rows=(), **train):
    """A run of 1,000 images per epoch that is over, after `seen` epochs if not all, with these rows in its curve."""
    now, train = time.time(), HYPERPARAMETERS | {"epochs": epochs} | train
    run = runs.create(spec(do, train=train).model_copy(update=kin or {}))
    seen = seen or epochs
    images = 1000 * seen
    for row in rows:
        run.append(row)
    run.update(
        state="running", attempts=1, started=now - images / rate - besides, images=images, epoch=seen, rate=rate,
        steps=steps,
    )  # fmt: skip
    return run.update(state="done", finished=now)


def asked(do="count", **train):
    return runs.create(spec(do, train=HYPERPARAMETERS | train))


def test_nothing_is_promised_where_nothing_is_known():
    run = asked()
    assert engine.work_seconds(run) is None
    assert engine.wait_seconds(run) == 0  # nobody is before it
    assert engine.wait_seconds(asked()) is None


def test_the_work_is_known_from_runs_of_the_same_kind():
    for rate in (400.0, 500.0, 5000.0):
        done(rate)
    assert engine.work_seconds(asked()) == pytest.approx(10 * 1000 / 500 + 2)
    assert engine.work_seconds(asked(epochs=5)) == pytest.approx(5 * 1000 / 500 + 2)
    assert engine.work_seconds(asked(subset=200)) == pytest.approx(10 * 200 / 500 + 2)
    assert engine.work_seconds(asked("deaf")) == pytest.approx(22)  # another method on the same encoder
    assert engine.work_seconds(asked(encoder="resnet")) is None


def test_a_clone_tells_how_long_the_rest_takes_and_a_continued_run_does_not():
    done(500.0, besides=2.0, kin={"relation": "clone", "parent": "another"})
    done(500.0, besides=90.0, kin={"relation": "continue"})
    assert engine.work_seconds(asked()) == pytest.approx(22)


def test_what_an_interrupted_run_has_done_is_not_done_again():
    done(500.0)
    run = asked()
    run.update(state="interrupted", epoch=9.0)
    assert engine.work_seconds(run) == pytest.approx(1000 / 500 + 2)


def test_a_run_waits_for_those_under_way_and_those_before_it(monkeypatch, now):
    done(500.0)
    running, first, second = asked(), asked(), asked()
    with running.lock():
        running.update(state="running", heartbeat=now, steps=100, step=50, images=5000, rate=500.0)
        assert engine.wait_seconds(first) == pytest.approx(10)  # what is left of the one that runs
        assert engine.wait_seconds(second) == pytest.approx(10 + 22)
        monkeypatch.setenv("EXPLORER_SLOTS", "2")
        assert (engine.wait_seconds(first), engine.wait_seconds(second)) == (0, 10)
        assert (engine.position(running), engine.wait_seconds(running)) == (0, None)


def test_a_run_waits_until_as_many_slots_are_free_as_it_has_gpus_and_the_next_one_waits_with_it(monkeypatch, now):
    monkeypatch.setenv("EXPLORER_GPUS", "3")
    done(500.0)  # so that one like it takes 22 s
    done(500.0, devices=2)
    running, wide, too_wide, narrow = asked(devices=2), asked(devices=2), asked(devices=8), asked()
    running.update(state="running", heartbeat=now, steps=100, step=50, images=5000, rate=500.0)
    line = [wide, too_wide, narrow, asked()]
    starts = eta.starts(line, [running])
    assert starts[wide.id] == pytest.approx(10), "one of three slots is free, and it needs two"
    assert starts[too_wide.id] is None, "there are not as many: nobody waits for it"
    assert starts[narrow.id] == pytest.approx(10)
    assert starts[line[-1].id] == pytest.approx(10 + 22)
    monkeypatch.setenv("EXPLORER_GPUS", "0")
    assert eta.starts([wide, narrow], [running])[narrow.id] == pytest.approx(10 + 22), "one slot, one run"


def test_maps_are_known_from_maps():
    chart = runs.create(spec(kind="map", how="umap"))
    chart.update(state="running", attempts=1, started=1000.0)
    chart.update(state="done", finished=1007.0)
    again = runs.create(spec(kind="map", how="umap", origin="other"))
    assert engine.work_seconds(again) == 7
    assert engine.work_seconds(runs.create(spec(kind="map", how="pca"))) is None


def test_an_estimate_costs_milliseconds():
    for _ in range(100):
        done()
    line = [asked() for _ in range(10)]
    engine.wait_seconds(line[-1])
    start = time.perf_counter()
    for _ in range(5):
        assert engine.wait_seconds(line[-1]) is not None
    taken = (time.perf_counter() - start) / 5
    print(f"\nan estimate with 10 runs waiting and 100 behind takes {1000 * taken:.1f} ms")
    assert taken < 0.1


def test_runs_of_the_same_batch_and_hyperparameters_tell_most():
    done(1000.0, batch=64)
    done(100.0, batch=8)
    assert engine.work_seconds(asked(batch=8)) == pytest.approx(10 * 1000 / 100 + 2)
    assert engine.work_seconds(asked(batch=64)) == pytest.approx(10 * 1000 / 1000 + 2)


def test_a_closed_form_tells_nothing_of_another_method_and_takes_as_long_as_it_took():
    done(250.0, epochs=1, besides=2.0, do="deaf", steps=1, rows=CLOSED_FORM)
    assert engine.work_seconds(asked()) is None
    assert engine.work_seconds(asked("deaf")) == pytest.approx(4 + 2, abs=0.1), "its one step, however many epochs"


def test_a_closed_form_whose_curve_is_older_is_known_by_fewer_steps_than_epochs():
    done(250.0, epochs=10, seen=1, besides=2.0, do="deaf", steps=1)
    assert engine.work_seconds(asked("deaf")) == pytest.approx(4 + 2, abs=0.1)


@pytest.mark.parametrize("others", [0, 1])
def test_nothing_is_promised_of_a_closed_form_while_the_first_of_its_kind_still_runs(others):
    for _ in range(others):
        done(500.0)  # of a method that trains in steps
    first = asked("deaf")
    first.append(*CLOSED_FORM)
    first.update(state="running", attempts=1, started=time.time(), steps=1, step=1, images=1000, epoch=1.0, rate=250.0)
    assert engine.work_seconds(asked("deaf")) is None


def test_a_training_of_a_single_step_is_no_closed_form():
    done(2000.0, epochs=1, besides=4.5, steps=1, rows=({"step": 0}, {"step": 1, "loss": 2.0}))
    assert engine.work_seconds(asked(epochs=200)) == pytest.approx(200 * 1000 / 2000 + 4.5)


def test_the_same_method_of_a_shipped_model_tells_more_than_another_method_of_one_s_own(monkeypatch):
    done(100.0, do="deaf")
    asked_like = eta._like(asked().spec)
    monkeypatch.setattr(eta, "_shipped", lambda *_: [eta.Past(asked_like, 1000.0, 1000.0, 3.0, True)])
    assert engine.work_seconds(asked()) == pytest.approx(10 * 1000 / 1000 + 3)
    assert engine.work_seconds(asked("deaf")) == pytest.approx(10 * 1000 / 100 + 2)


def test_the_evaluation_is_in_the_estimate_while_the_first_of_its_kind_still_runs():
    done(500.0, besides=7.0, do="deaf")
    first = asked()
    first.update(state="running", attempts=1, started=time.time(), images=2000, epoch=2.0, rate=1000.0)
    assert engine.work_seconds(asked()) == pytest.approx(10 * 1000 / 1000 + 7)


def test_a_run_that_failed_and_was_made_anew_tells_how_long_it_took():
    chart = runs.create(spec(kind="map", how="umap"))
    chart.update(state="failed", error="once")
    again = runs.create(spec(kind="map", how="umap", origin="other"))
    assert engine.work_seconds(again) is None
    chart = runs.create(spec(kind="map", how="umap"))
    chart.update(state="running", attempts=1, started=1000.0)
    chart.update(state="done", finished=1007.0)
    a_second_later()
    assert engine.work_seconds(again) == 7


def test_a_damaged_card_is_no_card(tmp_path):
    (tmp_path / eta.CARD).write_text("{")
    assert eta.crowding(runs.Run(tmp_path)) == 1


def test_the_pace_of_a_processor_tells_nothing_of_what_a_gpu_has_trained(tmp_path, monkeypatch):
    """A speed is measured against one shipped training; those of other devices ran at a pace that no processor has."""
    monkeypatch.setattr(eta.store, "SHIPPED", tmp_path / "shipped")
    (tmp_path / "shipped").mkdir()

    def trained(name, device, dataset):
        made = runs.create(spec("count", train=HYPERPARAMETERS).model_copy(update={"dataset": dataset}))
        now = time.time()
        made.update(state="running", attempts=1, started=now - 20, images=10_000, epoch=10.0, rate=500.0, device=device)
        made.update(state="done", finished=now)
        made.folder.rename(tmp_path / "shipped" / name)

    trained("by-processor", "cpu, 1 thread", "here")
    trained("by-gpu", "NVIDIA H200", "there")
    timed = spec("count").model_copy(update={"kind": eta.SPEED, "pool": "interactive", "models": ("by-processor",)})
    run = runs.create(timed)
    run.write_scores({"images_per_second": 1000.0, "relative": 2.0})
    run.update(state="done")
    assert run.id.startswith(f"{eta.SPEED}-")
    here, there = (asked().spec.model_copy(update={"dataset": name}) for name in ("here", "there"))
    assert engine.work_seconds(runs.create(here)) == pytest.approx(10, rel=0.01)
    assert engine.work_seconds(runs.create(there)) is None
