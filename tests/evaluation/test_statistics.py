"""Intervals and significance, against scipy and against draws."""

import numpy as np
import pytest
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from explorer.evaluation import statistics


@pytest.mark.parametrize(("right", "n"), [(0, 2), (2, 2), (0, 20), (1, 30), (179, 359), (9_730, 10_000)])
def test_the_interval_is_wilsons_and_has_a_width_at_none_and_all(right, n):
    low, high = statistics.interval(right / n, n)
    theirs = binomtest(right, n).proportion_ci(method="wilson")
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=2e-5)
    assert low < high and statistics.margin(right / n, n) >= max(right / n - low, high - right / n) > 0
    assert statistics.interval(0.5, 0) == (0, 1)


@pytest.mark.parametrize(("p", "q", "n"), [(0.5, 0.5, 40), (0.97, 0.99, 60), (0.02, 0.3, 30), (0.9, 0.95, 400)])
def test_the_interval_of_a_difference_holds_it_in_95_of_100_cases(p, q, n):
    draws = np.random.default_rng(0).binomial(n, (p, q), (4000, 2)) / n
    ends = np.array([statistics.difference_interval(a, b, n) for a, b in draws])
    held = ((ends[:, 0] <= p - q) & (p - q <= ends[:, 1])).mean()
    assert 0.94 < held < 0.997


@pytest.mark.parametrize("n", [2, 20, statistics.FEW - 1])
def test_of_few_images_no_difference_is_spoken_of(n):
    assert not statistics.difference_is_significant(1.0, 0.0, n)
    assert not statistics.is_above_chance(1.0, 0.1, n)
    assert statistics.difference_is_significant(1.0, 0.0, statistics.FEW)
    assert statistics.is_above_chance(1.0, 0.1, statistics.FEW)


def test_all_right_of_some_images_is_not_significantly_more_than_nearly_all():
    """The standard error of all is 0."""
    assert not statistics.difference_is_significant(1.0, 0.96, 50)


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


@pytest.mark.parametrize(("p", "n", "words"), [
    (0.9304, 359, "93%"), (0.9304, 2499, "93%"), (0.9304, 2500, "93.0%"), (0.9304, 10_000, "93.0%"), (0.125, 0, "12%"),
    (1.0, 359, "100%"), (0.0, 359, "0%"), (0.998, 359, ">99%"), (0.001, 359, "<1%"), (0.99996, 10_000, ">99.9%"),
    (0.00001, 10_000, "<0.1%"),
])  # fmt: skip
def test_a_percentage_has_the_digits_that_its_images_support(p, n, words):
    assert statistics.percent(p, n) == words


@pytest.mark.parametrize(("difference", "n", "words"), [
    (0.04, 359, "4 percentage points"), (0.01, 359, "1 percentage point"), (-0.01, 359, "-1 percentage point"),
    (0.012, 10_000, "1.2 percentage points"), (0.01, 10_000, "1.0 percentage points"),
    (0.003, 359, "less than 1 percentage point"), (0.0, 359, "0 percentage points"),
    (0.0004, 10_000, "less than 0.1 percentage point"),
])  # fmt: skip
def test_a_difference_of_shares_is_in_percentage_points(difference, n, words):
    assert statistics.points(difference, n) == words


def test_a_digit_is_shown_only_if_it_is_larger_than_the_standard_error():
    for n in (10, 359, 2499, 2500, 100_000):
        assert (100 * 0.5 / np.sqrt(n) <= 1) == bool(statistics.decimals(n))


def test_the_interval_of_a_mean_is_students():
    low, high = statistics.mean_interval([1.0, 2.0, 3.0])
    assert (low, high) == (pytest.approx(2 - 4.303 / 3**0.5, abs=1e-3), pytest.approx(2 + 4.303 / 3**0.5, abs=1e-3))
    assert statistics.mean_interval([0.5]) == (0.5, 0.5)


@pytest.mark.parametrize("n", [2, 5, 31, 32, 60, 1000])
def test_students_t_is_that_of_scipy(n):
    values = [float(i % 2) for i in range(n)]
    low, high = statistics.mean_interval(values)
    middle = sum(values) / n
    deviation = (sum((value - middle) ** 2 for value in values) / (n - 1)) ** 0.5
    assert (high - low) / 2 == pytest.approx(student.ppf(0.975, n - 1) * deviation / n**0.5, rel=2e-3)


def test_a_signed_difference_has_a_true_minus():
    assert statistics.signed_points(-0.021, -0.03, 0.0) == "−2.1 percentage points (−3.0 to +0.0)"
