"""A study that is cut short in the middle of an arm goes on in the middle of that arm, as if nothing had been."""

import os
import signal

import pytest

from explorer import data
from explorer.benchmarks import Protocol, trial
from explorer.benchmarks.testbed import Testbed
from explorer.tasks.training import loop, memory
from tests.benchmarks.study_cases import ARMS, COST, go, stored

PLAIN, LONG = ARMS[1], ARMS[3]
SLOW = ("--seeds", "0", "--arms", "long", "--subset", "240", "--seconds", "0.24")  # two epochs of three steps
TIMES = {"train_seconds", "images_per_second", "core_seconds", "probe_seconds", "spent", "seconds", "date"}
ADD = loop.TrainingLoop.add


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """What one test leaves half done is no start for another."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))


def numbers(row):
    return {name: value for name, value in row.items() if name not in TIMES}


def left():
    """The working folders that there are."""
    return sorted(path.name for path in (data.cache_root() / "trials").glob("*"))


def at_step(monkeypatch, t, act):
    """Do something while the loop makes step `t`; returns the steps that are made."""
    made = []

    def add(training_loop, step):
        if step.t == t:
            act()
        made.append(step.t)
        ADD(training_loop, step)

    monkeypatch.setattr(loop.TrainingLoop, "add", add)
    return made


def die():
    raise KeyboardInterrupt


def whole(out):
    go(out.with_name("whole.jsonl"), *SLOW)
    (row,) = stored(out.with_name("whole.jsonl"))
    assert row["steps"] == 6
    return numbers(row)


@pytest.mark.parametrize("t", [1, 2, 5, 6])
def test_a_study_killed_in_the_middle_of_an_arm_goes_on_there_with_the_very_same_numbers(small, out, monkeypatch, t):
    expected = whole(out)
    monkeypatch.setattr(loop, "KEEP", 0.0)  # a checkpoint after every step
    at_step(monkeypatch, t, die)
    assert go(out, *SLOW) == 130
    assert stored(out) == [] if out.exists() else True
    assert len(left()) == 1
    made = at_step(monkeypatch, 0, die)
    assert go(out, *SLOW) == 0
    assert made == list(range(t, 7)), "what was done is not done again"
    assert [numbers(row) for row in stored(out)] == [expected]
    assert left() == []


def test_a_training_keeps_the_length_that_it_began_with_though_its_cost_is_another_by_now(small, out, monkeypatch):
    expected = whole(out)
    at_step(monkeypatch, 3, lambda: os.kill(os.getpid(), signal.SIGINT))
    assert go(out, *SLOW) == 130
    monkeypatch.setattr(trial.budget, "cost", lambda *_: COST._replace(core_seconds=0.9 * COST.core_seconds))
    made = at_step(monkeypatch, 0, die)
    assert go(out, *SLOW) == 0
    assert made == [4, 5, 6]
    assert [numbers(row) for row in stored(out)] == [expected]
    assert list((data.cache_root() / "trial-costs").glob("*")) == []


def test_a_checkpoint_of_more_images_is_none_of_this_training(small, out, monkeypatch):
    at_step(monkeypatch, 3, lambda: os.kill(os.getpid(), signal.SIGINT))
    assert go(out, *SLOW) == 130
    for cost in (data.cache_root() / "trial-costs").glob("*"):
        cost.unlink()
    monkeypatch.setattr(trial.budget, "cost", lambda *_: COST._replace(core_seconds=1.01 * COST.core_seconds))
    at_step(monkeypatch, 0, die)
    assert go(out, *SLOW) == 0
    (row,) = stored(out)
    assert row["n_train"] == 158, "not the 160 of before"


def test_an_interrupt_stops_between_two_steps_and_a_checkpoint_is_kept(small, out, monkeypatch, capsys):
    expected = whole(out)
    made = at_step(monkeypatch, 3, lambda: os.kill(os.getpid(), signal.SIGINT))
    assert go(out, *SLOW) == 130
    assert made == [1, 2, 3], "the step itself is finished"
    assert "the same command continues from there" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    made = at_step(monkeypatch, 0, die)
    assert go(out, *SLOW) == 0
    assert made == [4, 5, 6]
    assert [numbers(row) for row in stored(out)] == [expected]


def test_a_second_interrupt_does_not_wait_for_the_step(small, out, monkeypatch):
    reached = []

    def twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        reached.append("the end of the step")

    at_step(monkeypatch, 3, twice)
    assert go(out, *SLOW) == 130
    assert reached == []


def test_a_study_interrupted_while_it_measures_does_not_train_again(small, out, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Testbed, "measure", lambda *_: die())
        assert go(out, *SLOW) == 130
    made = at_step(monkeypatch, 0, die)
    assert go(out, *SLOW) == 0
    assert made == []
    assert numbers(stored(out)[0])["losses"] == whole(out)["losses"]


def test_a_batch_that_does_not_fit_is_refused_with_one_that_does(small, out, monkeypatch, capsys):
    monkeypatch.setattr(memory, "free", lambda where: 80 * 2**20)
    made = at_step(monkeypatch, 0, die)
    assert go(out, "--seeds", "0", "--arms", "long", "--subset", "0", "--batch", "512") == 0
    said = capsys.readouterr().out
    assert "long: left out, batch 512 needs about" in said and "choose batch " in said
    assert (made, left()) == ([], [])


def test_a_crash_leaves_nothing_to_go_on_from(small, out, monkeypatch):
    monkeypatch.setattr(loop, "KEEP", 0.0)

    def crash():
        raise RuntimeError("not foreseen")

    at_step(monkeypatch, 4, crash)
    assert go(out, *SLOW) == 0
    assert left() == []


def test_another_seed_protocol_or_arm_has_another_folder():
    keys = set()
    for protocol in (Protocol(subset=100, test=100), Protocol(subset=100, test=50)):
        for arm, seed in ((PLAIN, 0), (PLAIN, 1), (ARMS[2], 0)):
            bench = Testbed("digits", protocol, seed)
            cfg = trial.settings(arm, seed, bench)
            method = trial.build.fresh(arm.method, arm.hyperparameters, cfg, bench.spec)
            keys.add(trial_key(arm, bench, trial.Fit(method, bench.split(), cfg)))
    assert len(keys) == 6


def trial_key(*what):
    from explorer.benchmarks.workspace import key

    assert key(*what) == key(*what)
    return key(*what)


def test_two_processes_do_not_train_the_same_arm_in_one_folder(small, out, monkeypatch, capsys):
    def second():
        assert go(out.with_name("second.jsonl"), *SLOW) == 0
        assert "is in use by another process" in capsys.readouterr().err

    at_step(monkeypatch, 2, second)
    assert go(out, *SLOW) == 0
    assert len(stored(out)) == 1
