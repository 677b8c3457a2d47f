"""A Gaussian is warned of, structure is not; the twin has the mean and the covariance of its features."""

import numpy as np
import pytest
from sklearn.datasets import make_swiss_roll

from explorer import data
from explorer.evaluation.null_twin import SAID, gaussian_twin, structure
from tests.evaluation.projection_cases import blobs

N = 240


@pytest.mark.parametrize("shape", [(60, 6), (20, 50)], ids=["many", "fewer than numbers"])
def test_the_twin_has_the_mean_and_the_covariance_of_its_features(shape):
    x = np.random.default_rng(0).exponential(size=shape) @ np.diag(np.arange(1.0, shape[1] + 1)) + 3
    twin = gaussian_twin(x, 1)
    assert np.allclose(twin.mean(0), x.mean(0)) and np.allclose(np.cov(twin.T), np.cov(x.T))
    assert np.array_equal(twin, gaussian_twin(x, 1)) and not np.allclose(twin, gaussian_twin(x, 2))
    assert np.isfinite(gaussian_twin(np.ones((5, 3)))).all()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("spread", [np.ones(2), np.ones(20), 1 / np.arange(1.0, 31), np.arange(1.0, 101) ** -0.7],
                         ids=["plane", "20", "falling", "100"])  # fmt: skip
def test_a_gaussian_gets_the_warning(spread, seed):
    found = structure(np.random.default_rng(seed).normal(size=(N, len(spread))) * spread + 2)
    assert found.warning == SAID and abs(found.nats) < 0.03


@pytest.mark.parametrize("name", ["digits", "pixels of shapes", "blobs", "close blobs", "swiss roll", "rectified"])
def test_what_has_structure_gets_none(name):
    rng = np.random.default_rng(0)
    x = {
        "digits": lambda: data.load("digits").splits["validation"].x[:N].reshape(-1, 64),
        "pixels of shapes": lambda: data.load("shapes").splits["validation"].x[:N].reshape(N, -1),
        "blobs": lambda: blobs(N, 20), "close blobs": lambda: rng.normal(size=(N, 20)) + blobs(N, 20) / 6,
        "swiss roll": lambda: make_swiss_roll(N, random_state=0)[0],
        "rectified": lambda: np.maximum(rng.normal(size=(N, 10)) @ rng.normal(size=(10, 32)), 0),
    }[name]()  # fmt: skip
    found = structure(x)
    assert not found.warning and found.nats > 0.03


def test_copies_of_points_are_no_structure_and_few_points_no_reason_to_warn():
    gaussian = np.random.default_rng(0).normal(size=(100, 5))
    assert structure(np.repeat(gaussian, 4, 0)).warning
    assert not structure(gaussian[:8]).warning
