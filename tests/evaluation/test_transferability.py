"""LogME against a direct evaluation of the evidence; ranks, distances and advice."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, spearmanr

from explorer.evaluation.transferability import (
    ADVICE,
    Distance,
    Placement,
    distance,
    evidence,
    logme,
    rank_agreement,
)


def features(n, d, classes=3, signal=1.0, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    return rng.normal(size=(classes, d))[y] * signal + rng.normal(size=(n, d)), y


def direct(z, target, alpha, beta):
    """log N(target | 0, I / beta + Z Z' / alpha), eq. 2 without any algebra."""
    covariance = np.eye(len(z)) / beta + z @ z.T / alpha
    return multivariate_normal(np.zeros(len(z)), covariance).logpdf(target)


@pytest.mark.parametrize(("n", "d"), [(40, 6), (20, 30), (25, 25)])
def test_the_evidence_is_that_of_a_direct_evaluation_and_the_largest(n, d):
    z, y = features(n, d, signal=0.3)
    target = (y == 1).astype(float)
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    found = evidence(u.T @ target, target, s**2, d)
    assert found.value == pytest.approx(direct(z, target, found.alpha, found.beta), rel=1e-6)
    for a, b in ((1.3, 1), (1 / 1.3, 1), (1, 1.3), (1, 1 / 1.3), (1.3, 1.3)):
        assert direct(z, target, found.alpha * a, found.beta * b) < found.value, "no other precisions explain it better"


def test_the_score_is_the_mean_over_classes_and_images():
    z, y = features(30, 5)
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    each = [evidence(u.T @ t, t, s**2, 5).value for t in ((y == c).astype(float) for c in range(3))]
    assert logme(z, y) == pytest.approx(np.mean(each) / 30)


def test_it_is_higher_where_features_say_more_of_the_class_and_takes_what_is_constant():
    scores = [logme(*features(300, 8, signal=signal)) for signal in (0.0, 0.5, 2.0)]
    assert scores == sorted(scores)
    z, y = features(60, 4)
    assert np.isfinite(logme(np.concatenate([z, np.zeros((60, 2))], 1), y))


def test_a_class_of_no_image_says_nothing_and_where_nothing_varies_there_is_no_score():
    z, y = features(60, 4)
    assert logme(z, y * 10) == pytest.approx(logme(z, y)), "classes 0, 10 and 20"
    with np.errstate(all="raise"):
        assert logme(np.zeros((60, 4)), y) is None and logme(np.ones((60, 4)), y) is None
        assert logme(z, np.zeros_like(y)) is None, "a single class"


def test_ranks_of_two_scores_are_compared_by_spearman():
    first = dict(zip("abcde", (0.9, 0.8, 0.8, 0.3, 0.1), strict=True))
    second = dict(zip("abcde", (0.7, 0.9, 0.6, 0.2, 0.3), strict=True))
    found = rank_agreement(first, second | {"z": 1.0})
    assert (found.n, found.correlation) == (5, pytest.approx(spearmanr([*first.values()], [*second.values()])[0]))
    assert found.p > 0.05 and "whether they rank alike is not shown" in found.words
    many = {str(n): float(n) for n in range(12)}
    assert rank_agreement(many, many).p < 0.001 and "the ranks agree" in rank_agreement(many, many).words
    assert rank_agreement({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 3.0}).correlation is None
    assert "too few" in rank_agreement({}, {}).words
    four = dict.fromkeys("abcd", 1.0) | {"a": 2.0, "b": 3.0, "c": 4.0}
    assert rank_agreement(four, four).p > 0.05 and "4 sources: too few" in rank_agreement(four, four).words
    assert "nothing to rank" in rank_agreement(dict.fromkeys(first, 1.0), first).words


def test_two_draws_of_one_set_are_at_no_distance_and_sets_apart_at_a_full_one():
    z, _ = features(400, 6)
    near, far = distance(z[:200], z[200:]), distance(z[:200], z[200:] + 20)
    assert near.value < 0.15 and near.similar and near.n == 200
    assert far.value == 1 and not far.similar
    assert 0.2 < distance(z[:200], z[200:] + 1.2).value < 0.9


def test_as_many_images_of_each_set_are_compared():
    z, _ = features(500, 6)
    assert distance(z[:450], z[450:]).n == 50 and distance(z[:450], z[450:]).value < 0.35


@pytest.mark.parametrize("images", [100, 1000])
@pytest.mark.parametrize("value", [0.1, 0.9])
def test_the_advice_is_that_of_the_measured_size_and_distance(images, value):
    placed = Placement(images, 512, Distance(value, 300))
    assert placed.advice == ADVICE[images == 100, value == 0.1]
    assert placed.plain()["distance"]["similar"] == (value == 0.1)


def test_without_the_sources_images_the_advice_is_for_both():
    placed = Placement(100, 512, None)
    assert placed.plain()["distance"] is None
    assert all(ADVICE[True, similar] in placed.advice for similar in (True, False))
