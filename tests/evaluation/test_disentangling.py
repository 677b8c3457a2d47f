"""MIG, SAP and DCI against what is known of a factor code, a rotated one, and noise."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation import disentangling

N = 1200


@pytest.fixture(scope="module")
def factors():
    rng = np.random.default_rng(0)
    return {"shape": rng.integers(0, 4, N), "x": rng.uniform(-1, 1, N), "scale": rng.uniform(0, 1, N)}


@pytest.fixture(scope="module")
def code(factors):
    values = np.stack([np.asarray(v, float) for v in factors.values()], 1)
    return (values - values.mean(0)) / values.std(0)


def test_a_code_of_the_factors_themselves_has_all_of_it(code, factors):
    assert all(gap > 0.9 for gap in disentangling.mig(code, factors).values())
    assert all(gap > 0.98 for gap in disentangling.sap(code, factors).values())
    found = disentangling.dci(code, factors)
    assert min(found[:3]) > 0.95
    assert [name for name, _ in disentangling.follows(code, factors)] == list(factors)


def test_a_rotated_factor_code_keeps_every_factor_in_no_dimension_of_its_own(code, factors):
    rotated = code @ (np.eye(3) - 2 / 3)  # each factor lies with the squares 1/9, 4/9, 4/9 in the three dimensions
    assert max(disentangling.mig(rotated, factors).values()) < 0.1
    assert disentangling.sap(rotated, factors) == pytest.approx(dict.fromkeys(factors, 0), abs=0.08)
    found = disentangling.dci(rotated, factors)
    assert found.disentanglement < 0.5
    assert found.informativeness > 0.6  # and yet they are there


def test_two_numbers_turned_by_45_degrees_have_no_gap_at_all(factors):
    x, y = factors["x"], np.random.default_rng(1).uniform(-1, 1, N)
    both = np.stack([x + y, x - y], 1)
    assert disentangling.sap(both, {"x": x, "y": y}) == pytest.approx({"x": 0, "y": 0}, abs=0.06)
    assert max(disentangling.mig(both, {"x": x, "y": y}).values()) < 0.05


def test_noise_has_nothing(factors):
    noise = np.random.default_rng(2).normal(size=(N, 5))
    assert max(disentangling.sap(noise, factors).values()) < 0.02
    assert max(disentangling.mig(noise, factors).values()) < 0.03
    found = disentangling.dci(noise, factors)
    assert found.disentanglement < 0.15
    assert found.informativeness < 0.05
    assert {name for name, _ in disentangling.follows(noise, factors)} == {""}


@pytest.mark.parametrize("n", [100, 300])
def test_noise_follows_nothing_with_few_images_and_a_factor_code_still_does(n, code, factors):
    few = {name: values[:n] for name, values in factors.items()}
    for seed in range(5):
        noise = np.random.default_rng(seed).normal(size=(n, 5))
        assert {name for name, _ in disentangling.follows(noise, few)} == {""}
        assert max(disentangling.mig(noise, few).values()) < 0.08
    assert [name for name, _ in disentangling.follows(code[:n], few)] == list(factors)
    assert min(disentangling.mig(code[:n], few).values()) > 0.9


def test_one_dimension_and_a_collapsed_code_have_numbers_too(code, factors):
    assert disentangling.sap(code[:, :1], factors)["shape"] == pytest.approx(1)
    flat = np.zeros((N, 3))
    assert disentangling.sap(flat, factors) == dict.fromkeys(factors, 0.0)
    assert disentangling.mig(flat, factors) == dict.fromkeys(factors, 0.0)
    assert disentangling.dci(flat, factors)[:3] == (0.0, 0.0, 0.0)


def test_a_few_images_are_refused(factors):
    with pytest.raises(Refused, match="40 or more"):
        disentangling.dci(np.zeros((10, 2)), {"x": np.zeros(10)})
