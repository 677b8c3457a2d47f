"""Two ways of training on the same test images: how often they are told apart if they differ, and if they do not."""

import numpy as np
import pytest
from scipy.stats import binomtest

from explorer.evaluation.paired import flip_p, holm, paired

N, REPEATS = 153, 400


def drawn(rng, seeds, p, again):
    """What an arm names rightly `[S, N]`: each image is hard for it or not, and a few change with the seed."""
    hard = rng.random(N) < 1 - p
    changes = rng.random((seeds, N)) < again
    return np.where(changes, rng.random((seeds, N)) < p, ~hard)


@pytest.mark.parametrize("again", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("seeds", [1, 2, 3, 5])
def test_equal_arms_are_rarely_called_different(seeds, again):
    rng = np.random.default_rng(seeds)
    found = [paired(*(drawn(rng, seeds, 0.94, again) for _ in range(2))) for _ in range(REPEATS)]
    assert np.mean([each.p <= 0.05 for each in found]) <= 0.07
    assert np.mean([each.low > 0 or each.high < 0 for each in found]) <= 0.07


def test_arms_that_differ_are_told_apart():
    rng = np.random.default_rng(0)
    found = [paired(drawn(rng, 3, 0.96, 0.1), drawn(rng, 3, 0.80, 0.1)) for _ in range(100)]
    assert np.mean([each.p <= 0.05 and each.low > 0 for each in found]) > 0.9


def test_two_seeds_with_the_same_difference_are_no_exact_figure():
    first = np.ones((2, N), bool)
    second = first.copy()
    second[:, 0] = False  # one image, in both seeds
    found = paired(first, second)
    assert found.low < 0 < found.high and found.p > 0.5


@pytest.mark.parametrize(("wins", "losses"), [(4, 0), (6, 0), (9, 2), (1, 1), (40, 20), (0, 0), (0, 5)])
def test_with_one_seed_p_is_the_exact_mcnemar_test(wins, losses):
    first, second = np.ones((2, 1, N), bool)
    second[0, :wins], first[0, wins : wins + losses] = False, False
    found = paired(first, second)
    exact = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert found.p == pytest.approx(exact)
    assert found.difference == pytest.approx((wins - losses) / N)


def test_four_images_to_none_are_no_difference():
    first, second = np.ones((2, 1, N), bool)
    second[0, :4] = False
    found = paired(first, second)
    assert found.p == pytest.approx(0.125) and found.low < 0 < found.high


def test_differences_of_any_size_are_flipped_in_all_ways():
    k = np.array([3, 1, -2, 0, 3, 1])
    signs = np.array(np.meshgrid(*[[-1, 1]] * len(k))).reshape(len(k), -1)
    assert flip_p(k) == pytest.approx(np.mean(np.abs(signs.T @ np.abs(k)) >= abs(k.sum())))
    assert flip_p(np.repeat([20, -20], [3000, 2800])) == pytest.approx(binomtest(3000, 5800).pvalue, rel=1e-6)


def test_holm():
    assert holm([0.01, 0.04, 0.03, 0.5]) == pytest.approx([0.04, 0.09, 0.09, 0.5])
    assert holm([]) == [] and holm([0.6, 0.7]) == [1, 1]
