"""Similarities beside their permutation null: what models without any relation have, and what related ones have."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation.comparison.calibration import MEASURES, calibrated, prepared
from explorer.evaluation.similarity import debiased_cka, linear_cka
from tests.evaluation.comparison.clouds import clusters, copied, distances

K = 5


def noise(n=40, dim=30, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dim))


def test_the_quick_forms_are_the_plain_ones():
    x, y = noise(), noise(dim=7, seed=1) + noise()[:, :7]
    a, b = prepared(x, K), prepared(y, K)
    assert MEASURES["cka"](a, b) == pytest.approx(linear_cka(x, y))
    assert MEASURES["debiased_cka"](a, b) == pytest.approx(debiased_cka(x, y))
    near = [[set(np.argsort(row)[1 : K + 1]) for row in distances(z)] for z in (x, y)]
    shared = [len(p & q) for p, q in zip(*near, strict=True)]
    assert MEASURES["mutual_neighbours"](a, b) == pytest.approx(np.mean(shared) / K)
    assert MEASURES["neighbour_change"](a, b) == pytest.approx(np.mean([1 - s / (2 * K - s) for s in shared]))


def test_a_permutation_of_the_images_is_that_of_the_features():
    x, order = noise(), np.random.default_rng(2).permutation(40)
    for quick, plain in zip(prepared(x, K).permuted(order), prepared(x[order], K), strict=True):
        assert np.allclose(quick, plain)


def test_the_null_is_that_of_features_in_another_order():
    x, y = noise(), noise(dim=7, seed=1)
    found = calibrated(prepared(x, K), prepared(y, K), permutations=50)
    rng = np.random.default_rng((0, 11))
    plain = [linear_cka(x, y[rng.permutation(len(y))]) for _ in range(50)]
    assert found["cka"].level == pytest.approx(np.mean(plain))
    assert (found["cka"].low, found["cka"].high) == pytest.approx(np.percentile(plain, [2.5, 97.5]))


def test_models_of_no_relation_are_alike_by_chance_and_the_debiased_level_is_zero():
    p = {name: [] for name in MEASURES}
    for seed in range(40):
        found = calibrated(prepared(noise(seed=seed), K), prepared(noise(seed=100 + seed), K), 40, seed)
        assert found["cka"].level > 0.3, "30 numbers of 40 images: linear CKA of noise is far from 0"
        assert abs(found["debiased_cka"].level) < 0.05 and abs(found["cka"].above) < 0.25
        assert found["mutual_neighbours"].level == pytest.approx(K / 39, abs=0.03)
        for name, each in found.items():
            p[name].append(each.p)
    assert all(np.mean(np.array(values) <= 0.05) <= 0.15 for values in p.values())


def test_the_same_model_turned_and_scaled_is_wholly_alike():
    x = clusters()[0]
    for name, each in calibrated(prepared(x, K), prepared(copied(x), K), 30).items():
        assert each.value == pytest.approx(0 if name == "neighbour_change" else 1, abs=1e-6)
        assert each.above == pytest.approx(1, abs=1e-5) and each.p == pytest.approx(1 / 31)


def test_related_models_lie_above_the_null():
    x, _ = clusters()
    found = calibrated(prepared(x, K), prepared(x + 2 * np.random.default_rng(5).normal(size=x.shape), K), 60)
    for each in found.values():
        assert each.p < 0.05 and 0.05 < each.above < 0.99 and not each.low <= each.value <= each.high


def test_constant_features_are_like_nothing_and_never_a_number_that_is_none():
    constant = np.ones((40, 3))
    found = calibrated(prepared(constant, K), prepared(noise(), K), 20)
    assert found["cka"].value == found["debiased_cka"].value == 0
    assert all(each.p == 1 and each.above == pytest.approx(0) for each in found.values())
    both = calibrated(prepared(constant, K), prepared(constant, K), 20)
    assert both["neighbour_change"].value == 0 and both["mutual_neighbours"].value == 1


def test_too_few_images_are_refused():
    with pytest.raises(Refused, match="3 images are too few"):
        prepared(noise(3), K)
