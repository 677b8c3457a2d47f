"""Every method is worth more than its own untrained network: slow, one training after the other.

The batch norms of an untrained network have the statistics of no image yet. Once settled, that is with those of the
training images but still without a step, `conv` is better on digits (0.928 instead of 0.903, 3 seeds): its figure is
printed too. BYOL's gain on digits is no more than that of the statistics (0.922; 0.928 after 60 epochs); jigsaw,
instance discrimination and MoCo are above the settled network by less than seeds differ.
"""

import os

import pytest

from explorer.benchmarks import STUDIES, trial
from explorer.benchmarks.protocol import UNTRAINED, Arm, Protocol
from explorer.benchmarks.testbed import Testbed
from explorer.core import DataSpec
from explorer.methods import METHODS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SEEDS = (0, 1, 2)
SECONDS = 6.0  # of training: some 150 steps of 256 images
DIGITS = DataSpec.image("digits", 1, 8, tuple("0123456789"), 0)
HYPERPARAMETERS = {  # where the method's own do not suit 8x8 digits
    "pca": {"components": 10},  # of 64 pixels, 32 directions of any kind lose nothing
    "ica": {"components": 10},
    "combined": {"inpainting": True, "rotation": False},  # a 6 is a 9
    "moco": {"flip": 0.0},  # a mirrored digit is none
    "instance_discrimination": {"flip": 0.0},
}
LONGER = {"exemplar": 2.0, "jigsaw": 0.2, "combined": 0.7, "autoencoder": 3.0, "denoising": 3.0}  # times the seconds
NOT_YET = {  # solved well, and at the cost of what classes need: also at lower rates, for less long, on larger images
    "counting": "0.943 before and after, 3 seeds: a quarter of an 8x8 digit holds little to count; batch norm is worse",
    "rotation": "which way is up says little of digits: a 6 is a 9, and 0, 1 and 8 have no up",
    "relative_patch": "two quarters of a digit tell their places by ink at the border alone; seed 0 loses 0.8 to 8.2 "
    "points with layer norm, weight decay 0.5, a vit and an mlp, too",
}


def ground(method: str) -> tuple[str, Protocol]:
    """The digits, or photographs for a method that needs colour."""
    same = {"batch": 256, "half_resolution": 0.0, "pooling": 1, "rates": (1.0,)}
    if METHODS[method].info.needs.unmet(DIGITS):
        return "cifar10", Protocol(seconds=20, subset=5000, labels=5000, **same)
    encoder = METHODS[method].train_defaults.get("encoder", "conv")
    return "digits", Protocol(seconds=SECONDS, subset=0, labels=1079, encoder=encoder, **same)


def worth(method: str, seed: int, dataset: str, protocol: Protocol) -> tuple[float, float, float]:
    """Mean of kNN and linear accuracy on the test split: of the trained network, before its first step, and settled."""
    arm = Arm(method, method, HYPERPARAMETERS.get(method, {}), longer=LONGER.get(method, 1.0))
    row = trial.run(STUDIES["zoo"], arm, seed, Testbed(dataset, protocol, seed), threads=1)
    own = (row["knn"] + row["linear_100"]) / 2
    if not METHODS[method].can_train():
        raw = trial.run(STUDIES["zoo"], Arm("untrained", reference="untrained"), seed, Testbed(dataset, protocol, seed))
        return own, *[(raw["knn"] + raw["linear_100"]) / 2] * 2
    return own, *((row[f"{kind}_knn"] + row[f"{kind}_linear_100"]) / 2 for kind in UNTRAINED)


@pytest.mark.parametrize("method", [name for name in METHODS if name not in NOT_YET])
def test_a_method_beats_its_own_untrained_network(method, monkeypatch):
    dataset, protocol = ground(method)
    if dataset == "cifar10":
        if "EXPLORER_TEST_DATA" not in os.environ:
            pytest.skip("EXPLORER_TEST_DATA names no data")
        monkeypatch.setenv("EXPLORER_DATA", os.environ["EXPLORER_TEST_DATA"])
    trained, untrained, settled = zip(*(worth(method, seed, dataset, protocol) for seed in SEEDS), strict=True)
    mean, before, still = (sum(of) / len(SEEDS) for of in (trained, untrained, settled))
    spread = f"{min(trained):.3f} to {max(trained):.3f}"
    print(f"{method} on {dataset}: {mean:.3f} ({spread}), untrained {before:.3f}, settled {still:.3f}")
    assert mean > before


def test_at_most_three_methods_do_not():
    assert set(NOT_YET) <= set(METHODS)
    assert len(NOT_YET) <= 3
