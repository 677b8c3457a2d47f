"""Standard errors and significance, against draws and scipy's test of two shares."""

import numpy as np
import pytest
from scipy.stats import norm

from explorer.evaluation import statistics


def test_the_standard_error_is_the_spread_of_repeated_draws():
    shares = np.random.default_rng(0).binomial(200, 0.3, 20_000) / 200
    assert statistics.standard_error(0.3, 200) == pytest.approx(shares.std(), rel=0.02)
    assert statistics.standard_error(0.5, 0) == 0.5


@pytest.mark.parametrize(("p", "q", "n"), [(0.9, 0.88, 100), (0.9, 0.88, 10_000), (0.5, 0.6, 190), (0.6, 0.5, 180)])
def test_a_difference_is_significant_where_a_z_test_rejects(p, q, n):
    z = abs(p - q) / np.sqrt(p * (1 - p) / n + q * (1 - q) / n)
    assert statistics.difference_is_significant(p, q, n) == (2 * norm.sf(z) < 0.05)
    assert statistics.difference_is_significant(q, p, n) == statistics.difference_is_significant(p, q, n)


def test_some_differences_are_significant_and_others_are_not():
    assert statistics.difference_is_significant(0.9, 0.88, 10_000)
    assert not statistics.difference_is_significant(0.9, 0.88, 100)


def test_no_more_than_guessing_is_not_above_chance():
    assert statistics.is_above_chance(0.2, 0.1, 1000)
    assert not statistics.is_above_chance(0.11, 0.1, 1000)
    assert statistics.margin(0.1, 1000) == pytest.approx(1.96 * np.sqrt(0.09 / 1000))
