"""The order in which images are shown."""

import numpy as np

from explorer.evaluation import ordering


def test_the_largest_come_first_and_equal_ones_keep_their_order():
    assert ordering.largest_first(np.array([0.5, 2.0, 0.5, 1.0])).tolist() == [1, 3, 0, 2]


def test_classes_take_turns():
    assert ordering.classes_in_turn(np.array([1, 1, 0, 2, 0, 0])).tolist() == [2, 0, 3, 4, 1, 5]
