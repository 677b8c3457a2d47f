"""Neighbourhood change against sets of neighbours, and what must and must not stand out."""

import numpy as np
import pytest

from explorer.evaluation.comparison.change import by_class, change, displacements, jaccard
from explorer.evaluation.neighbours import neighbourhoods
from tests.evaluation.comparison.clouds import CLASSES, EACH, clusters, copied, distances, shuffled

K = 10


def between(x, other, k=K):
    return change(x, other, neighbourhoods(x, k), neighbourhoods(other, k))


def slow_sets(x, k):
    """The k nearest of each image by a loop."""
    far = distances(x)
    return [set(sorted((j for j in range(len(x)) if j != i), key=lambda j: far[i, j])[:k]) for i in range(len(x))]


@pytest.mark.parametrize("k", [1, 4, 12])
def test_it_is_one_minus_the_jaccard_index_of_two_sets(k):
    rng = np.random.default_rng(k)
    x, other = rng.normal(size=(60, 5)), rng.normal(size=(60, 3))
    a, b = slow_sets(x, k), slow_sets(other, k)
    expected = np.array([1 - len(p & q) / len(p | q) for p, q in zip(a, b, strict=True)])
    found = between(x, other, k)
    assert found.neighbours == pytest.approx(expected)
    alone = [expected[i] - np.mean([expected[j] for j in a[i] | b[i]]) for i in range(60)]
    assert found.neighbours_alone == pytest.approx(np.array(alone))
    away = displacements(x, other)
    around = [np.linalg.norm(away[i] - np.mean([away[j] for j in a[i] | b[i]], axis=0)) for i in range(60)]
    assert found.moved_alone == pytest.approx(np.array(around))
    assert found.moved == pytest.approx(np.linalg.norm(away, axis=1))


@pytest.mark.parametrize("seed", range(5))
def test_a_rotated_scaled_and_shifted_copy_has_not_changed_at_all(seed):
    x = clusters(seed)[0].astype(np.float32)
    found = between(x, copied(x, seed))
    assert all((each == 0).all() for each in found), "exactly zero, not nearly"


def test_a_copy_of_points_of_which_many_are_equally_near_has_not_changed():
    grid = np.array([(i, j, 0) for i in range(9) for j in range(9)] * 2, float)  # each point twice, on a grid
    assert all((each == 0).all() for each in between(grid, copied(grid)))
    order = np.random.default_rng(0).permutation(len(grid))
    assert np.array_equal(neighbourhoods(grid[order], K), neighbourhoods(grid, K)[np.ix_(order, order)])


def test_images_of_two_classes_that_trade_places_come_first():
    x, y = clusters()
    swapped = np.flatnonzero((y == 1) | (y == 3))
    found = between(x, shuffled(x, swapped))
    first = np.argsort(-found.neighbours, kind="stable")[: len(swapped)]
    assert set(first) == set(swapped)
    assert [row.label for row in by_class(found, y)][:2] in ([1, 3], [3, 1])
    assert found.neighbours[np.isin(y, (0, 2, 4))].max() == 0


def test_whole_classes_that_trade_places_have_moved_and_did_so_with_their_neighbours():
    """In few dimensions: in many, trading two classes of several is nearly a reflection, which is no difference."""
    rng, y = np.random.default_rng(0), np.repeat(np.arange(9), EACH)
    means = np.array([(i, j) for i in range(3) for j in range(3)], float)
    x = means[y] + 0.05 * rng.normal(size=(len(y), 2))
    other = x + (means[[1, 0, 2, 3, 4, 5, 6, 7, 8]] - means)[y]  # each image beside the images of its class, as before
    near = y[:, None] == y  # of its own class
    found = change(x, other, near, near)
    rows = {row.label: row for row in by_class(found, y)}
    assert min(rows[0].moved, rows[1].moved) > 2 * max(row.moved for label, row in rows.items() if label > 1)
    assert (found.neighbours == 0).all() and found.moved_alone.max() < 0.1 * rows[0].moved


def test_one_that_moved_with_its_neighbours_does_not_stand_out_and_one_that_moved_alone_does():
    x, y = clusters()
    inside = np.flatnonzero(y == 2)
    other = shuffled(x, inside)  # a class whose images have all lost each other
    lone = 7
    other[lone] = x[y == 4].mean(0)  # and one image of another class that went elsewhere by itself
    found = between(x, other)
    assert found.neighbours[inside].mean() > 0.7
    assert found.neighbours_alone.argmax() == lone
    assert np.abs(found.neighbours_alone[inside]).mean() < 0.2 < 0.5 < found.neighbours_alone[lone]
    assert found.moved_alone.argmax() == lone


def test_classes_are_listed_with_their_means():
    x, y = clusters()
    found = between(x, np.random.default_rng(0).normal(size=(len(y), 2)))
    rows = by_class(found, y)
    assert [row.n for row in rows] == [EACH] * CLASSES
    assert {row.label: row.neighbours for row in rows}[2] == pytest.approx(found.neighbours[y == 2].mean())
    assert [row.neighbours for row in rows] == sorted((row.neighbours for row in rows), reverse=True)


def test_constant_features_against_themselves_are_no_change_and_against_others_everyone_is_a_neighbour():
    x = clusters()[0]
    constant = np.full((len(x), 3), 0.3, np.float32)
    assert all((each == 0).all() for each in between(constant, 2 * constant))
    assert neighbourhoods(constant, K).sum(1).tolist() == [len(x) - 1] * len(x)
    assert between(x, constant).neighbours == pytest.approx(1 - K / (len(x) - 1))


def test_where_nobody_has_neighbours_nothing_is_lost():
    assert jaccard(np.zeros((3, 3), bool), np.zeros((3, 3), bool)).tolist() == [1, 1, 1]


def test_more_numbers_than_images_are_compared_in_the_space_that_the_images_span():
    x = np.random.default_rng(0).normal(size=(12, 400))
    assert displacements(x, copied(x.astype(np.float64))) == pytest.approx(np.zeros((12, 12)), abs=1e-3)
    assert displacements(x, x[::-1]).shape == (12, 12)
