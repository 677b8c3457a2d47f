"""A run that is stopped at any of its steps and goes on as another run ends with the very same bytes."""

import hashlib

import pytest
import torch

from explorer import runs
from explorer.engine import worker
from explorer.tasks.training import driver, loop
from explorer.tasks.training import request as training_request

STEPS = 40
METHODS = {"autoencoder": {}, "simclr": {}, "moco": {"queue": 64}}
SHORT = {"epochs": 5, "batch": 32, "subset": 256, "encoder": "conv", "width": 0.25, "threads": 1}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looking and scoring take longer than these trainings: few frames, and no scores."""
    torch.set_num_threads(1)
    monkeypatch.setattr(driver, "score", lambda *_: None)
    monkeypatch.setattr(loop, "frame_steps", lambda steps, _: {0, steps // 2, steps})


@pytest.fixture(params=METHODS)
def arguments(request):
    """What is trained."""
    return request.param, "digits", METHODS[request.param], SHORT


def trained(spec, monkeypatch, stop_at=0):
    """A run that somebody asks to stop while it makes that step."""
    run = runs.create(spec)

    def add(training_loop, step, before=loop.TrainingLoop.add):
        if step.t == stop_at:
            run.request_stop()
        before(training_loop, step)

    with monkeypatch.context() as patch:
        patch.setattr(loop.TrainingLoop, "add", add)
        worker.here(run)
    return run


def digest(run):
    """What the last weights and those of the lowest validation loss are, if there are any."""
    kept = [run.weights(which) for which in ("last", "best")]
    return [path and hashlib.sha256(path.read_bytes()).hexdigest() for path in kept]


def curve(run):
    """What is said of the epochs."""
    return [row for row in run.metrics() if "val_loss" in row]


def stopped_and_continued(arguments, steps, monkeypatch):
    """How many of the runs that are stopped at these steps end as the one that is not."""
    whole = trained(training_request.train(*arguments), monkeypatch)
    assert (whole.status.state, whole.status.steps, whole.status.error) == ("done", STEPS, None)
    same = 0
    for k in steps:
        run = trained(training_request.train(*arguments), monkeypatch, stop_at=k)
        assert (run.status.step, run.checkpoint().name) == (k, f"{k:06d}"), run.status
        if k < STEPS:
            assert run.status.state == "stopped"
            run = trained(training_request.continue_spec(run.id), monkeypatch)
        assert (run.status.state, run.status.caveat) == ("done", "")
        same += digest(run) == digest(whole) and curve(run) == curve(whole)
    print(f"{arguments[0]}: stopped at {len(steps)} of {STEPS} steps and continued: {same} of {len(steps)} identical")
    return same


def test_a_run_stopped_at_some_step_and_continued_ends_with_the_same_bytes(arguments, monkeypatch):
    steps = [1, 7, 8, 29]  # the first, the last and a middle one of an epoch
    assert stopped_and_continued(arguments, steps, monkeypatch) == len(steps)


@pytest.mark.slow
def test_a_run_stopped_at_any_step_and_continued_ends_with_the_same_bytes(arguments, monkeypatch):
    assert stopped_and_continued(arguments, range(1, STEPS + 1), monkeypatch) == STEPS
