"""Short trainings for the tests of checkpoints: quick, without scores, done or cut off after a step."""

import pytest
import torch

from explorer import runs
from explorer.engine import worker
from explorer.tasks.training import driver, loop
from explorer.tasks.training import request as training_request

PER_EPOCH = 4  # steps


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(driver, "score", lambda *_: None)
    monkeypatch.setattr(loop, "frame_steps", lambda steps, _: {0, steps})


def short_spec(method="autoencoder", epochs=3):
    return training_request.train(method, "digits", {}, {"epochs": epochs, "batch": 32, "subset": 128, "threads": 1})


def trained(spec=None, die_after=0, epochs=3):
    """A run that is done, or whose process died after a step."""
    run = runs.create(spec or short_spec(epochs=epochs))
    with pytest.MonkeyPatch.context() as patch:
        if die_after:
            patch.setattr(loop.TrainingLoop, "add", dying(die_after))
            with pytest.raises(KeyboardInterrupt):
                driver.train(run)
        else:
            worker.here(run)
    return run


def dying(after, before=loop.TrainingLoop.add):
    def add(training_loop, step):
        if step.t > after:
            raise KeyboardInterrupt
        before(training_loop, step)

    return add
