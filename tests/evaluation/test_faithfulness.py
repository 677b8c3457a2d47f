"""Trustworthiness and continuity against their definition, written down anew and slowly, and on maps that are torn."""

import numpy as np
import pytest
from sklearn.datasets import make_swiss_roll
from sklearn.manifold import trustworthiness

from explorer.evaluation.faithfulness import measure


def slow(x, coords, k):
    """Venna and Kaski 2001, eqs. 1 and 2, word by word: both numbers, and the pairs that they count."""
    n = len(x)

    def ranks(points):
        apart = np.sqrt(((points[:, None] - points) ** 2).sum(2))
        return [{j: r for r, j in enumerate(sorted((j for j in range(n) if j != i), key=lambda j: apart[i, j]), 1)}
                for i in range(n)]  # fmt: skip

    r, r_hat = ranks(x), ranks(coords)
    false, missing, t, c = [], [], 0, 0
    for i in range(n):
        for j in r[i]:
            if r_hat[i][j] <= k < r[i][j]:
                false.append((i, j))
                t += r[i][j] - k
            if r[i][j] <= k < r_hat[i][j]:
                missing.append((i, j))
                c += r_hat[i][j] - k
    norm = 2 / (n * k * (2 * n - 3 * k - 1))
    return 1 - norm * t, 1 - norm * c, set(false), set(missing)


@pytest.mark.parametrize(("n", "dims", "k"), [(40, 6, 10), (40, 6, 3), (12, 3, 5), (7, 2, 3), (3, 2, 1)])
def test_trustworthiness_and_continuity_are_those_of_their_definition(n, dims, k):
    rng = np.random.default_rng(n)
    x, coords = rng.normal(size=(n, dims)), rng.normal(size=(n, 2))
    found = measure(x, coords, k)
    t, c, false, missing = slow(x, coords, k)
    assert found.trustworthiness == pytest.approx(t, abs=6e-5) and found.continuity == pytest.approx(c, abs=6e-5)
    assert found.trust.mean() == pytest.approx(t) and found.keeps.mean() == pytest.approx(c)
    assert {(i, j) for i in range(n) for j in found.shown[i][found.false[i]]} == false
    assert {(i, j) for i in range(n) for j in found.near[i][found.missing[i]]} == missing
    assert t == pytest.approx(trustworthiness(x, coords, n_neighbors=k))


def test_a_map_that_changes_nothing_keeps_all_and_copies_are_no_errors():
    x = np.repeat(np.random.default_rng(0).normal(size=(15, 2)), 4, 0)
    for coords in (x, 3 * x @ [[0.6, -0.8], [0.8, 0.6]] + 5):
        found = measure(x, coords)
        assert (found.trustworthiness, found.continuity) == (1, 1) and not found.false.any() and not found.missing.any()


def test_a_torn_swiss_roll_is_flagged_where_it_is_cut():
    x, along = make_swiss_roll(600, random_state=0)
    flat = np.column_stack([along, x[:, 1] / 4])
    middle = np.median(along)
    torn = flat + np.where(along > middle, 100.0, 0)[:, None] * [1, 0]
    whole, cut = measure(flat, flat), measure(flat, torn)
    beside = np.abs(along - middle) < 0.25
    assert not whole.missing.any()
    assert cut.missing[beside].mean() > 0.2 and cut.missing[np.abs(along - middle) > 1.5].mean() == 0
    assert cut.keeps[beside].mean() < cut.keeps[~beside].mean() - 0.1
    worst = np.argsort(cut.keeps)[:30]
    assert np.abs(along[worst] - middle).max() < 1, "the points that lose most lie at the cut"
    across = cut.near[beside][cut.missing[beside]]
    assert len(across) and (np.abs(along[across] - middle) < 1.5).all(), "what they miss lies behind it"
    folded = np.column_stack([np.abs(along - middle), flat[:, 1]])
    assert measure(flat, folded).trustworthiness < 0.95 < measure(flat, torn).trustworthiness, "no false one by a tear"


def test_of_many_points_some_are_measured_among_all():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(900, 5))
    coords = x[:, :2]
    every = measure(x, coords)
    some = measure(x, coords, most=500)
    assert len(some.points) == 100 and every.points.tolist() == list(range(900))
    np.testing.assert_array_equal(some.shown, every.shown[some.points])
    np.testing.assert_allclose(some.trust, every.trust[some.points])
    assert some.trustworthiness == pytest.approx(every.trustworthiness, abs=0.03)
