"""Who is right where, and whether it is a difference."""

import numpy as np
import pytest
from scipy.stats import binomtest

from explorer.evaluation.comparison.agreement import cells, pairs

N = 100


def right(*positions):
    found = np.zeros(N, bool)
    found[list(positions)] = True
    return found


def test_every_image_stands_in_one_cell():
    rng = np.random.default_rng(0)
    a, b = rng.random(N) < 0.7, rng.random(N) < 0.5
    found = cells(a, b)
    assert sorted(np.concatenate(found)) == list(range(N))
    for i in range(N):
        name = {(1, 1): "both", (1, 0): "first", (0, 1): "second", (0, 0): "none"}[int(a[i]), int(b[i])]
        assert i in getattr(found, name)


def test_each_pair_has_the_exact_test_of_mcnemar_corrected_by_holm():
    models = [right(*range(60)), right(*range(20, 72)), right(*range(5))]
    found = pairs(models)
    assert [(each.first, each.second) for each in found] == [(0, 1), (0, 2), (1, 2)]
    plain = [binomtest(20, 32).pvalue, binomtest(55, 55).pvalue, binomtest(52, 57).pvalue]
    assert [each.difference.p for each in found] == pytest.approx(plain)
    assert found[0].p == pytest.approx(plain[0]) and found[1].p == pytest.approx(3 * plain[1])
    assert [each.better for each in found] == [None, 0, 1]


def test_the_same_model_twice_is_no_difference():
    (found,) = pairs([right(1, 2), right(1, 2)])
    assert (found.better, found.p, found.difference.difference) == (None, 1.0, 0.0)
    assert len(found.cells.first) == len(found.cells.second) == 0


def test_a_p_that_only_one_of_many_questions_would_pass_names_nobody():
    best, same = right(*range(8)), right()
    assert pairs([best, same])[0].better == 0
    many = pairs([best, same, *(right(*range(start, start + 4)) for start in (50, 60, 70))])
    assert many[0].difference.p < 0.05 < many[0].p and many[0].better is None


def test_of_a_few_images_no_difference_is_spoken_of():
    (found,) = pairs([np.ones(20, bool), np.zeros(20, bool)])
    assert found.p < 1e-4 and found.better is None
