"""CKA and Procrustes against slow definitions, scipy and known values."""

import numpy as np
import pytest
from scipy.spatial import procrustes as scipys

from explorer import Refused
from explorer.evaluation.similarity import debiased_cka, linear_cka, procrustes


def cloud(n=60, dim=5, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dim)) * np.arange(1, dim + 1)


def rotation(dim, seed=3):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]


def slow_cka(x, y):
    """HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with tr(KHLH), as the paper writes it."""
    n = len(x)
    h = np.eye(n) - 1 / n

    def hsic(k, other):
        return np.trace(k @ h @ other @ h) / (n - 1) ** 2

    k, other = x @ x.T, y @ y.T
    return hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))


@pytest.mark.parametrize(("n", "d1", "d2"), [(60, 5, 5), (60, 3, 8), (10, 40, 30), (10, 2, 60)])
def test_cka_is_the_one_of_the_paper(n, d1, d2):
    x, y = cloud(n, d1, 0) + 2, cloud(n, d2, 1) - 1
    assert linear_cka(x, y) == pytest.approx(slow_cka(x, y))
    assert linear_cka(x, y) == pytest.approx(linear_cka(y, x))
    assert 0 <= linear_cka(x, y) < 1


@pytest.mark.parametrize("n", [60, 8])
def test_a_rotation_a_scale_and_an_origin_change_nothing(n):
    x = cloud(n, 10)
    y = 3 * x @ rotation(10) + 7
    assert linear_cka(x, y) == pytest.approx(1)
    assert procrustes(x, y).distance == pytest.approx(0, abs=1e-12)
    assert procrustes(y, x).distance == pytest.approx(0, abs=1e-12)


def test_another_linear_map_is_another_representation():
    x = cloud()
    assert linear_cka(x, x * np.array([1, 9, 1, 1, 1])) < 0.95
    assert procrustes(x, x * np.array([1, 9, 1, 1, 1])).distance > 0.05


def test_directions_of_no_relation_are_alike_in_nothing():
    x, y = np.zeros((4, 1)), np.zeros((4, 1))
    x[:, 0], y[:, 0] = (1, -1, 1, -1), (1, 1, -1, -1)
    assert linear_cka(x, y) == pytest.approx(0)
    assert procrustes(x, y).distance == pytest.approx(2)


def test_constant_features_are_like_nothing():
    assert linear_cka(np.ones((9, 3)), cloud(9)) == 0


def test_procrustes_finds_the_best_rotation_scipy_finds():
    x, y = cloud(seed=0), cloud(seed=1) + 0.5 * cloud(seed=0)
    found = procrustes(x, y)
    target, aligned, _ = scipys(y, x)  # it scales the second as well
    scale = (aligned * found.aligned).sum()
    assert np.allclose(found.target, target)
    assert np.allclose(found.aligned * scale, aligned)
    others = [((found.aligned @ rotation(5, seed) - found.target) ** 2).sum() for seed in range(50)]
    assert found.distance < min(others)
    singular = np.linalg.svd(found.aligned.T @ found.target, compute_uv=False)
    assert found.distance == pytest.approx(2 - 2 * singular.sum())


def test_representations_of_other_widths_are_aligned():
    x = cloud(60, 3)
    wide = np.pad(x, ((0, 0), (0, 4))) @ rotation(7)
    assert procrustes(x, wide).distance == pytest.approx(0, abs=1e-12)
    assert procrustes(x, wide).aligned.shape == (60, 7)


def test_other_numbers_of_images_are_refused():
    with pytest.raises(Refused, match="60 and 50 images"):
        linear_cka(cloud(60), cloud(50))


def slow_debiased(x, y):
    """HSIC_1 of Song et al. 2012, eq. 5, term by term, over the root of those of each with itself."""
    n = len(x)

    def hsic(k, other):
        one = np.ones(n)
        k, other = k - np.diag(np.diag(k)), other - np.diag(np.diag(other))
        total = (one @ k @ one) * (one @ other @ one) / (n - 1) / (n - 2)
        return (np.trace(k @ other) + total - 2 / (n - 2) * one @ k @ other @ one) / n / (n - 3)

    k, other = x @ x.T, y @ y.T
    return hsic(k, other) / np.sqrt(hsic(k, k) * hsic(other, other))


@pytest.mark.parametrize(("n", "d1", "d2"), [(60, 5, 5), (10, 40, 30), (4, 2, 6)])
def test_debiased_cka_is_the_unbiased_estimator(n, d1, d2):
    x, y = cloud(n, d1, 0) + 2, cloud(n, d2, 1) + 0.3 * cloud(n, d2, 2)
    assert debiased_cka(x, y) == pytest.approx(slow_debiased(x, y))
    assert debiased_cka(x, 3 * x @ rotation(d1) - 1) == pytest.approx(1)


def test_debiased_cka_of_noise_is_zero_in_the_mean_where_the_plain_one_is_not():
    found = [[of(np.random.default_rng(i).normal(size=(12, 20)), np.random.default_rng(99 - i).normal(size=(12, 20)))
              for of in (debiased_cka, linear_cka)] for i in range(40)]  # fmt: skip
    debiased, plain = np.mean(found, axis=0)
    assert abs(debiased) < 0.05 and plain > 0.5


def test_debiased_cka_needs_four_images_and_constant_features_are_like_nothing():
    assert debiased_cka(np.ones((9, 3)), cloud(9)) == 0
    with pytest.raises(Refused, match="3 images are too few for a debiased CKA"):
        debiased_cka(cloud(3), cloud(3))


def test_procrustes_says_by_what_it_turned():
    x, y = cloud(seed=0), cloud(seed=1)
    found = procrustes(x, y)
    centred = (x - x.mean(0)) / np.linalg.norm(x - x.mean(0))
    assert np.allclose(centred @ found.rotation, found.aligned)
    assert np.allclose(found.rotation @ found.rotation.T, np.eye(5))


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_how_small_or_large_features_are_is_no_difference(scale):
    """The features of untrained EfficientNet-Lite0 are 1e-9: its norms keep statistics of no image."""
    x, y = cloud(seed=0), cloud(seed=1) + cloud(seed=0)
    assert linear_cka(scale * x, y) == pytest.approx(linear_cka(x, y))
    assert debiased_cka(scale * x, y) == pytest.approx(debiased_cka(x, y))
    assert procrustes(scale * x, y).distance == pytest.approx(procrustes(x, y).distance)


def test_constant_features_in_single_precision_are_constant():
    rounded = (0.3 + 1e-9 * cloud(9)).astype(np.float32)
    assert linear_cka(rounded, cloud(9)) == debiased_cka(rounded, cloud(9)) == 0
    assert procrustes(rounded, cloud(9)).distance == pytest.approx(1)
