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


def clusters(classes, each, dims, apart=30.0):
    """Points of unit Gaussians, whose middles lie at random directions."""
    rng = np.random.default_rng(classes)
    middles = rng.normal(size=(classes, dims))
    middles *= apart / np.linalg.norm(middles, axis=1, keepdims=True)
    return rng.normal(size=(classes * each, dims)) + np.repeat(middles, each, 0)


def two(points, dims, apart):
    """Two unit Gaussians so many deviations apart."""
    x = np.random.default_rng(0).normal(size=(points, dims))
    x[::2, 0] += apart
    return x


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("spread", [np.ones(2), np.ones(20), 1 / np.arange(1.0, 31), np.arange(1.0, 101) ** -0.7],
                         ids=["plane", "20", "falling", "100"])  # fmt: skip
def test_a_gaussian_gets_the_warning(spread, seed):
    found = structure(np.random.default_rng(seed).normal(size=(N, len(spread))) * spread + 2)
    assert found.warning == SAID.format(points=N) and abs(found.nats) < 0.06


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


@pytest.mark.parametrize("x", [
    two(1500, 64, 6), two(1500, 8, 4), clusters(100, 3, 32), clusters(100, 3, 8), clusters(10, 6, 16),
], ids=["two in 64", "two in 8", "triples in 32", "triples in 8", "60 points in 10 clusters"])  # fmt: skip
def test_clusters_are_structure_whatever_their_size_and_the_dimensions(x):
    found = structure(x)
    assert not found.warning and found.nats > 0


def test_a_sphere_is_no_gaussian():
    x = np.random.default_rng(0).normal(size=(300, 16))
    found = structure(x / np.linalg.norm(x, axis=1, keepdims=True))
    assert not found.warning and found.nats < 0


@pytest.mark.parametrize("points", [20, 30, 49])
def test_of_few_points_nothing_is_said(points):
    assert not structure(clusters(10, 5, 16)[::2][:points]).warning
    assert not structure(np.random.default_rng(0).normal(size=(points, 4))).warning


def test_copies_of_points_are_no_structure_and_few_points_no_reason_to_warn():
    gaussian = np.random.default_rng(0).normal(size=(100, 5))
    assert structure(np.repeat(gaussian, 4, 0)).warning
    assert not structure(gaussian[:8]).warning
