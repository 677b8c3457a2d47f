"""Meters of health against slow definitions."""

import math
from itertools import combinations

import numpy as np
import pytest

from explorer.evaluation import health

# ------------------------------------------------------------------------------------------------ meters


def features(n=30, d=7, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(1, 1, size=(n, d)).astype(dtype)


def directions(z):
    return [row / math.sqrt(sum(value**2 for value in row)) for row in z]


def distance(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def slow_rank(z):
    s = np.linalg.svd(z, compute_uv=False)
    return math.exp(-sum(value / s.sum() * math.log(value / s.sum()) for value in s))


def slow_spread(z):
    columns = np.array(directions(z)).T
    deviations = [math.sqrt(sum((value - column.mean()) ** 2 for value in column) / len(column)) for column in columns]
    return math.sqrt(len(columns)) * sum(deviations) / len(deviations)


def slow_alignment(z1, z2):
    return sum(distance(a, b) for a, b in zip(directions(z1), directions(z2), strict=True)) / len(z1)


def slow_uniformity(z):
    near = [math.exp(-2 * distance(a, b)) for a, b in combinations(directions(z), 2)]
    return math.log(sum(near) / len(near))


@pytest.mark.parametrize(("dtype", "within"), [(np.float64, 1e-9), (np.float32, 1e-5)])
@pytest.mark.parametrize("shape", [(30, 7), (7, 30), (2, 1)])
def test_a_meter_is_its_slow_definition(shape, dtype, within):
    z, other = features(*shape, dtype=dtype), features(*shape, seed=1, dtype=dtype)
    assert health.effective_rank(z) == pytest.approx(slow_rank(z.astype(np.float64)), rel=within)
    assert health.feature_std(z) == pytest.approx(slow_spread(z.astype(np.float64)), rel=within, abs=within)
    assert health.alignment(z, other) == pytest.approx(slow_alignment(z, other), rel=within)
    assert health.uniformity(z) == pytest.approx(slow_uniformity(z), rel=10 * within, abs=within)


def test_images_that_are_all_alike_have_rank_one_and_no_spread():
    z = np.tile(features(1, 16), (50, 1)) + 1e-9 * features(50, 16)
    assert health.effective_rank(z) == pytest.approx(1, abs=1e-3)
    assert health.feature_std(z) < 1e-6
    assert health.uniformity(z) == pytest.approx(0, abs=1e-6)
    assert health.alignment(z, z) == 0


def test_images_all_over_the_sphere_have_full_rank_and_full_spread():
    z = np.random.default_rng(0).normal(size=(4000, 16))
    assert health.effective_rank(z) == pytest.approx(16, rel=0.01)
    assert health.feature_std(z) == pytest.approx(1, rel=0.01)
    assert health.effective_rank(np.eye(5)) == pytest.approx(5)
    assert health.uniformity(np.eye(5)) == pytest.approx(-4)  # all pairs at right angles


def test_length_and_rotation_do_not_count_on_the_sphere():
    z, turn = features(40, 6), np.linalg.qr(features(6, 6, seed=3))[0]
    longer = z * np.random.default_rng(2).uniform(0.5, 2, size=(40, 1))
    assert health.uniformity(longer @ turn) == pytest.approx(health.uniformity(z))
    assert health.alignment(longer @ turn, z @ turn) == pytest.approx(0, abs=1e-12)
    assert health.effective_rank(3 * z @ turn) == pytest.approx(health.effective_rank(z))


def test_nothing_at_all_is_no_error():
    z = np.zeros((10, 4), np.float32)
    assert (health.effective_rank(z), health.feature_std(z), health.uniformity(z), health.uniformity(z[:1])) == (
        1,
        0,
        0,
        0,
    )
