"""Every method is worth more than its own untrained network; and healthy is worth more than broken. Minutes long."""

import pytest

from explorer import data, runs
from explorer.core import DataSpec
from explorer.jobs import requests, worker
from explorer.methods import METHODS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SEEDS = (0, 1, 2)
EPOCHS = 60  # some 300 steps of 256 images
NOT_YET: dict[str, str] = {}  # methods that do not, and why: at most three


def ground(method: str) -> tuple[str, dict]:
    """The digits, or what a method that needs colour can learn from; with the knobs of the training."""
    spec = DataSpec("digits", 1, 8, tuple("0123456789"), 0)
    return ("shapes", {"epochs": 5}) if METHODS[method].info.needs.unmet(spec) else ("digits", {"epochs": EPOCHS})


def scores(method: str, seed: int) -> tuple[float, float]:
    """Mean of kNN and linear accuracy on the test split: of the trained network, and before its first step."""
    dataset, training = ground(method)
    training |= {"seed": seed, "threads": 1, "encoder": METHODS[method].train_defaults.get("encoder", "conv")}
    run = runs.create(requests.train(method, dataset, {}, training))
    assert worker.here(run) == "done", run.status.error
    found = run.scores()
    return tuple((of["knn"] + of["linear"]) / 2 for of in (found, found["references"]["Untrained"]))


@pytest.mark.parametrize("method", [name for name in METHODS if name not in NOT_YET])
def test_a_method_beats_its_own_untrained_network(method):
    trained, untrained = zip(*(scores(method, seed) for seed in SEEDS), strict=True)
    mean, before = sum(trained) / len(SEEDS), sum(untrained) / len(SEEDS)
    print(
        f"{method} on {ground(method)[0]}: {mean:.3f} ({min(trained):.3f} to {max(trained):.3f}), {before:.3f} before"
    )
    assert mean > before


def test_at_most_three_methods_do_not():
    assert len(NOT_YET) <= 3
    assert data.catalogue()["digits"].available
