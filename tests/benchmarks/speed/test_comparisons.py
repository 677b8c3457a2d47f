"""Every comparison says what it compares, and both sides do the same work."""

import pytest

from explorer.benchmarks.speed import COMPARISONS, frozen
from explorer.benchmarks.speed.comparisons.engine import Engine
from explorer.benchmarks.speed.views import TIMES
from explorer.benchmarks.speed.worker import measure

TINY = {
    "augmentation": 16,
    "augmentation_blur": 16,
    "autoencoder": 256,
    "channels_last_mean": 1,
    "denormals": 256,
    "frozen_draws": 8,
    "frozen_features": 8,
    "knn": 20,
    "memory_thresholds": 1,
    "simclr_step": 1,
    "streaming": 256,
    "tsne": 220,
    "umap": 220,
}


@pytest.fixture(autouse=True)
def small_network(monkeypatch):
    """The work is the same with a network and epochs that take no time."""
    monkeypatch.setattr(frozen, "MODEL", "untrained:mlp")
    monkeypatch.setattr(frozen, "EPOCHS", 3)


@pytest.mark.parametrize("name", COMPARISONS)
def test_it_says_what_is_compared(name):
    compared = COMPARISONS[name]
    assert compared.title() and not compared.title().endswith(".")
    assert compared.against and compared.unit and compared.goal > 0
    assert 0 < compared.small < compared.size


@pytest.mark.parametrize("name", TINY)
def test_our_side_works_and_counts(name):
    ours = measure(name, "ours", TINY[name])
    assert ours["n"] > 0 and ours["core_seconds"] > 0 and ours["seconds"] > 0


@pytest.mark.parametrize(("name", "n"), [
    ("augmentation", 2 * TIMES), ("augmentation_blur", 2 * TIMES), ("simclr_step", 256),
])  # fmt: skip
def test_each_view_of_an_image_and_each_image_of_a_step_counts_once(name, n):
    size = TINY[name]
    assert measure(name, "ours", size)["n"] == n * size


@pytest.mark.parametrize("name", [name for name in TINY if not COMPARISONS[name].installed])
def test_the_peer_does_as_much_and_as_well(name):
    ours, peer = (measure(name, side, TINY[name]) for side in ("ours", "peer"))
    assert ours["n"] == peer["n"]
    assert peer["versions"] or not COMPARISONS[name].packages
    for check in ours["checks"]:
        assert peer["checks"][check] == pytest.approx(ours["checks"][check], rel=0.05)


def test_the_votes_of_the_peer_are_ours():
    assert measure("knn", "peer", 200)["checks"]["equal predictions"] >= 0.99


def test_the_foreground_side_trains_and_reads_what_the_steps_took():
    took = measure(Engine.name, "peer", 300)
    assert took["n"] == 768 and took["core_seconds"] > 0 and took["data"] == "Garments"
