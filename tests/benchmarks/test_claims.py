"""The figures that the project claims, measured again: EXPLORER_TEST_DATA names the folder that holds the data."""

import os

import pytest

from explorer import runs
from explorer.engine import worker
from explorer.tasks.training import request as training_request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif("EXPLORER_TEST_DATA" not in os.environ, reason="EXPLORER_TEST_DATA names no data"),
]


@pytest.fixture
def trained(monkeypatch):
    """Trains a method on real data in this process and returns its run."""
    monkeypatch.setenv("EXPLORER_DATA", os.environ["EXPLORER_TEST_DATA"])

    def train(method, dataset, **training):
        run = runs.create(training_request.train(method, dataset, {}, training))
        assert worker.here(run) == "done", run.status.error
        return run

    return train


def test_the_lectures_autoencoder_reaches_the_lectures_loss(trained):
    run = trained("autoencoder", "fashion_mnist")
    means = {row["epoch"]: row["train_loss"] for row in run.metrics() if "train_loss" in row}
    floor = next(row["floor"] for row in run.metrics() if "floor" in row)
    print(
        f"training loss of epochs 1-5, nats per pixel: {[round(loss, 4) for loss in means.values()]}; floor {floor:.4f}"
    )
    assert list(means) == [1, 2, 3, 4, 5]
    assert floor < means[5] <= 0.2974  # what the lecture prints in its epoch 5


def test_simclr_beats_its_own_untrained_network_and_the_pixels(trained):
    scores = trained("simclr", "cifar10", epochs=3).scores()
    linear = {"SimCLR": scores["linear"], **{name: other["linear"] for name, other in scores["references"].items()}}
    print(f"linear accuracy, 10,000 labels: {linear}; {scores['train_seconds']} s of training")
    assert scores["linear"] >= scores["references"]["Untrained"]["linear"] + 0.07
    assert scores["linear"] >= scores["references"]["Raw pixels"]["linear"] + 0.15
