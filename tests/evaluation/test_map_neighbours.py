"""Neighbours on a map against those in the space."""

import numpy as np
import pytest

from explorer.evaluation import map_neighbours


@pytest.mark.parametrize("dimensions", [2, 3])
def test_the_nearest_on_a_map_are_those_of_a_slow_definition(dimensions):
    coords = np.random.default_rng(0).normal(size=(40, dimensions))
    found = map_neighbours.nearest_on_map(coords, 6)
    for i, row in enumerate(found):
        distance = np.linalg.norm(coords - coords[i], axis=1)
        distance[i] = np.inf
        assert row.tolist() == np.argsort(distance)[:6].tolist()
        assert map_neighbours.nearest_to(coords, i, 6).tolist() == row.tolist()


def test_points_in_one_place_are_no_neighbours_of_their_own():
    found = map_neighbours.nearest_on_map(np.zeros((30, 2)), 5)
    assert found.shape == (30, 5)
    assert not (found == np.arange(30)[:, None]).any()
    assert all(len(set(row)) == 5 for row in found)


@pytest.mark.parametrize(("n", "k"), [(1, 0), (2, 1), (4, 3)])
def test_few_points_have_few_neighbours(n, k):
    coords = np.arange(2 * n).reshape(n, 2)
    assert map_neighbours.nearest_on_map(coords, 10).shape == (n, k)
    assert len(map_neighbours.nearest_to(coords, 0, 10)) == k


def test_a_map_that_is_the_space_keeps_all_and_a_shuffled_one_few():
    coords = np.random.default_rng(0).normal(size=(200, 2))
    space = map_neighbours.nearest_on_map(coords)
    assert (map_neighbours.agreement(space, coords).kept == 1).all()
    shuffled = np.random.default_rng(1).permutation(coords)
    assert map_neighbours.agreement(space, shuffled).kept.mean() < 0.15


def test_neighbours_vote_for_a_class_and_the_nearest_decides_a_tie():
    y = np.array([0, 0, 1, 1, 2])
    index = np.array([[2, 3, 0], [4, 2, 0], [0, 1, 2]])
    assert map_neighbours.vote(y, index).tolist() == [1, 2, 0]
