"""The sets that come with scikit-learn and with this project."""

import hashlib

import numpy as np
import pytest

from explorer import data
from explorer.data import published, sample
from explorer.data.builtin import garments


def test_digits_keep_scikit_learns_values():
    from sklearn.datasets import load_digits

    found = data.load("digits")
    original = load_digits()
    assert found.splits["train"].x.shape == (1079, 1, 8, 8)
    total = sum(int(images.x.astype(int).sum()) for images in found.splits.values())
    assert total == np.rint(original.images * 255 / 16).sum()
    assert max(images.x.max() for images in found.splits.values()) == 255
    labels = np.concatenate([images.y for images in found.splits.values()])
    assert (np.bincount(labels) == np.bincount(original.target)).all()


def test_garments_are_the_same_images_for_ever():
    found = data.load("garments")
    assert found.source == found.hash == "1b2e0e50ec7da89b514e2de8e0b6804c", "a new content needs a new `version`"
    assert found.classes == published.PUBLISHED["fashion_mnist"].classes
    assert found.shape == (1, 28, 28)


@pytest.mark.parametrize(("split", "each"), [("train", 540), ("validation", 60), ("test", 100)])
def test_garments_have_equally_many_images_of_every_class(split, each):
    assert np.bincount(data.load("garments").splits[split].y).tolist() == [each] * 10


def test_the_probe_images_of_garments_are_balanced():
    found = data.load("garments")
    rows, bank = found.probe()
    assert np.bincount(found.splits["validation"].y[rows]).tolist() == [60] * 10
    assert np.bincount(found.splits["train"].y[bank]).tolist() == [400] * 10


def test_no_image_of_garments_is_in_two_splits():
    splits = data.load("garments").splits
    images = {name: {hashlib.sha1(row.tobytes()).digest() for row in part.x} for name, part in splits.items()}
    assert not images["test"] & (images["train"] | images["validation"])


def test_garments_are_made_from_the_published_set_by_the_script_beside_them(real):
    real("FashionMNIST/raw")
    whole = published.read_fashion_mnist(data.root())
    with np.load(garments.FILE) as stored:
        arrays = {name: stored[name] for name in stored.files}
    made = sample.sample(whole)
    assert made.keys() == arrays.keys()
    for name, array in arrays.items():
        assert np.array_equal(made[name], array), name
    for split, images in whole.splits.items():
        rows = arrays[f"{split}_rows"]
        assert np.array_equal(images.x[rows], arrays[f"{split}_x"])
        assert np.array_equal(images.y[rows], arrays[f"{split}_y"])


def test_the_notice_of_garments_lies_beside_them():
    notice = garments.FILE.with_suffix(".LICENSE").read_text("utf-8")
    assert "Copyright © 2017 Zalando SE" in notice and "WITHOUT WARRANTY OF ANY KIND" in notice


def test_photographs_come_first_in_the_catalogue():
    assert list(data.catalogue())[:3] == ["garments", "shapes", "digits"]
