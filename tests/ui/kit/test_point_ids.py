"""One number for each image of a map, whatever its split."""

import numpy as np
import pytest

from pages.ui.kit import point_ids


def test_validation_rows_are_their_own_ids_and_no_two_splits_share_one():
    rows, parts = np.array([0, 12, 12, 12]), np.array([0, 0, 1, 2])
    ids = point_ids.of(rows, parts)
    assert ids[:2].tolist() == [0, 12] and len(set(ids)) == 4
    assert [point_ids.split_and_row(id) for id in ids] == [
        ("validation", 0), ("validation", 12), ("train", 12), ("test", 12),
    ]  # fmt: skip
    assert [point_ids.read(point_ids.spelled(id)) for id in ids] == ids.tolist()
    assert point_ids.of(rows).tolist() == rows.tolist()


@pytest.mark.parametrize("text", ["", "x", "-3", "1.5", "holdout.3", "train.", "99999999", "²"])
def test_nonsense_is_no_id(text):
    assert point_ids.read(text) is None


def test_an_id_beyond_all_splits_has_none():
    with pytest.raises(IndexError):
        point_ids.split_and_row(3 * point_ids.STRIDE)
