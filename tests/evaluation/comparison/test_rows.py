"""Images that two sets of points have in common."""

import numpy as np
import pytest

from explorer import Refused
from explorer.data.copies import digests
from explorer.evaluation.comparison.rows import Rows, common


def of(rows, split=1, data="digits", marks=None, source="s"):
    rows = np.asarray(rows)
    return Rows(data, source, np.full(len(rows), split), rows, marks)


def test_rows_of_one_split_are_found_by_their_index_in_the_order_of_the_first():
    first, second = common(of([5, 1, 9, 3]), of([3, 5, 8, 9]))
    assert (first.tolist(), second.tolist()) == ([0, 2, 3], [1, 3, 0])


def test_equal_indices_of_two_splits_are_other_images():
    with pytest.raises(Refused, match="the images of digits have none in common"):
        common(of([1, 2, 3], split=0), of([1, 2, 3], split=1))


def test_other_data_sets_are_refused_by_name_unless_their_images_are_known():
    with pytest.raises(Refused, match="rows of digits are not those of shapes: compare models on one data set"):
        common(of([1, 2, 3]), of([1, 2, 3], data="shapes", source="t"))


def test_images_of_other_data_sets_are_found_by_their_pixels_and_those_that_occur_twice_left_out():
    x = np.random.default_rng(0).integers(0, 255, (6, 1, 4, 4), dtype=np.uint8)
    one, other = x[[0, 1, 2, 3, 4, 4]], x[[4, 3, 2, 1, 5]]
    first, second = common(
        of(range(6), marks=digests(one)), of(range(5), data="copy", source="t", marks=digests(other))
    )
    assert np.array_equal(one[first], other[second]) and first.tolist() == [1, 2, 3]
    with pytest.raises(Refused, match="of digits and copy have 1 in common: compare models"):
        common(of(range(6), marks=digests(one)), of([0, 1], data="copy", source="t", marks=digests(x[[5, 3]])))
