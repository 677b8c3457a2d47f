"""An axis between two points or classes."""

import numpy as np
import pytest

from explorer import Refused
from explorer.evaluation import concept_axis


def test_the_ends_lie_at_0_and_1_and_what_is_across_does_not_count():
    features = np.array([[0.0, 0, 5], [2, 0, -3], [1, 7, 0], [4, 0, 0]])
    start, end = np.array([0.0, 0, 0]), np.array([2.0, 0, 0])
    assert concept_axis.along(features, start, end).tolist() == [0, 1, 0.5, 2]


def test_an_end_is_a_point_or_the_mean_of_a_class():
    features = np.array([[0.0, 2], [2, 4], [9, 9]], np.float16)
    assert concept_axis.end(features, np.array([2])).tolist() == [9, 9]
    assert concept_axis.end(features, np.array([0, 1])).tolist() == [1, 3]


def test_two_ends_that_are_one_are_refused():
    with pytest.raises(Refused, match="same features"):
        concept_axis.along(np.ones((4, 3)), np.ones(3), np.ones(3))


def test_points_along_an_axis_are_even_and_none_comes_twice():
    places = np.array([0.0, 0.01, 0.02, 0.5, 0.98, 1.0])
    assert concept_axis.along_evenly(places, 3).tolist() == [0, 3, 5]
    assert concept_axis.along_evenly(np.zeros(4), 5).tolist() == [0]
