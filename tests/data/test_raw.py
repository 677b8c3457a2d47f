"""Splits: how a data set that lacks one is cut."""

import numpy as np
import pytest

from explorer import data
from tests.data.image_cases import pets, put, put_set


def test_plain_class_folders_are_cut_without_losing_or_sharing_an_image(root):
    put(root / "pets", pets(20))
    found = data.load("pets", 8)
    counts = {split: np.bincount(images.y).tolist() for split, images in found.splits.items()}
    assert counts == {"train": [14, 14], "validation": [2, 2], "test": [4, 4]}
    rows = [row.tobytes() for images in found.splits.values() for row in images.x]
    assert len(set(rows)) == 40


def test_the_cut_depends_on_the_data_alone(root, tmp_path, monkeypatch):
    put(root / "pets", pets(20))
    first = data.load("pets", 8)
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "elsewhere"))
    again = data.load("pets", 8)
    assert again.hash == first.hash
    assert all((again.splits[split].x == first.splits[split].x).all() for split in first.splits)


@pytest.mark.parametrize("kind", ["digits", "fashion_mnist", "cifar10"])
def test_a_set_with_a_size_of_its_own_is_cut_by_its_content_at_that_size(root, kind, monkeypatch):
    found = data.load(put_set(root, kind, monkeypatch))
    assert found.source == found.hash
