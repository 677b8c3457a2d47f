"""Ways between codes: straight, around the origin, along the data."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation import code_paths


@pytest.fixture
def circle():
    angle = np.linspace(0, np.pi, 60, endpoint=True)
    return np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)


@pytest.mark.parametrize("kind", code_paths.WAYS)
def test_every_way_begins_and_ends_at_its_codes(kind, circle):
    a, b = np.float32([0.9, 0.3]), np.float32([-0.5, 0.8])
    way = code_paths.way(kind, a, b, 7, circle)
    assert way.shape == (7, 2)
    assert np.allclose(way[[0, -1]], [a, b], atol=1e-6)


def test_spherical_interpolation_keeps_the_norm_and_turns_evenly():
    rng = np.random.default_rng(0)
    for dims in (2, 10, 128):
        a, b = rng.normal(size=(2, dims))
        a, b = 3 * a / np.linalg.norm(a), 3 * b / np.linalg.norm(b)
        way = code_paths.spherical(a, b, 9)
        assert np.allclose(np.linalg.norm(way, axis=1), 3, atol=1e-5)
        turns = (way[1:] * way[:-1]).sum(1) / 9
        assert np.allclose(turns, turns[0], atol=1e-5)
    assert np.linalg.norm(code_paths.linear(a, b, 9)[4]) < 2.9  # which a straight line does not


def test_norms_that_differ_change_evenly():
    way = code_paths.spherical(np.array([1.0, 0.0]), np.array([0.0, 3.0]), 5)
    assert np.allclose(np.linalg.norm(way, axis=1), [1, 1.5, 2, 2.5, 3])


@pytest.mark.parametrize(("a", "b"), [([1.0], [-2.0]), ([0.0, 0.0], [1.0, 1.0]), ([1.0, 2.0], [-1.0, -2.0])])
def test_where_no_arc_is_determined_the_way_is_straight(a, b):
    a, b = np.array(a), np.array(b)
    assert np.allclose(code_paths.spherical(a, b, 5), code_paths.linear(a, b, 5))


def test_the_way_through_the_data_follows_them(circle):
    way = code_paths.way("data", circle[0], circle[-1], 9, circle)
    assert np.allclose(np.linalg.norm(way, axis=1), 1, atol=0.05)
    assert np.allclose(np.linalg.norm(np.diff(way, axis=0), axis=1), np.pi / 8, atol=0.03)  # equal steps
    straight = code_paths.linear(circle[0], circle[-1], 9)
    assert np.linalg.norm(straight[4]) < 0.1


def test_parts_of_the_data_that_no_neighbours_join_are_joined_by_more_of_them():
    rng = np.random.default_rng(0)
    parts = np.concatenate([rng.normal(size=(40, 3)), rng.normal(size=(40, 3)) + 50]).astype(np.float32)
    corners = code_paths.through_data(parts, parts[0], parts[-1])
    assert np.allclose(corners[[0, -1]], parts[[0, -1]])


def test_a_collapsed_code_has_no_way_through_the_data():
    with pytest.raises(Refused, match="has not collapsed"):
        code_paths.through_data(np.ones((30, 4), np.float32), np.ones(4), np.ones(4))


def test_two_copies_are_joined():
    codes = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    way = code_paths.way("data", codes[3], codes[3], 5, codes)
    assert np.allclose(way, codes[3], atol=1e-6)
