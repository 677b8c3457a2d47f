"""Choosing rows of a data set: classes, subsets, the probe set, duplicates."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import Refused, data
from tests.data.image_cases import pets, put


def test_a_class_filter_renumbers_the_labels_in_its_own_order():
    found = data.load("digits")
    images, rows = found.select("train", ("7", "2"))
    assert found.kept(("7", "2", "7")) == ("7", "2")
    assert (np.array([7, 2])[images.y] == found.splits["train"].y[rows]).all()
    assert (images.x == found.splits["train"].x[rows]).all()
    turned = found.select("train", found.classes[::-1])[0]
    assert (turned.y == 9 - found.splits["train"].y).all()


def test_without_a_filter_the_whole_split_comes_as_it_is():
    found = data.load("digits")
    images, rows = found.select("train")
    assert images.x is found.splits["train"].x
    assert (rows == np.arange(1079)).all()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"classes": ("ten",)}, "no class 'ten'; choose from 0, 1, 2"),
        ({"subset": -1}, "subset -1 is negative"),
        ({"split": "training"}, "no split 'training'; did you mean 'train'"),
    ],
)
def test_a_choice_that_cannot_be_met_is_refused(choice, sentence):
    with pytest.raises(Refused, match=sentence):
        data.load("digits").select(**{"split": "train", **choice})


def test_a_subset_is_balanced_repeatable_and_nested():
    found = data.load("digits")
    images, rows = found.select("train", subset=200)
    assert (np.bincount(images.y) == 20).all()
    assert (np.diff(rows) > 0).all()
    assert (found.select("train", subset=200)[1] == rows).all()
    assert set(rows) < set(found.select("train", subset=300)[1])
    filtered = found.select("train", ("3", "5"), subset=31)[0]
    assert sorted(np.bincount(filtered.y).tolist()) == [15, 16]


def test_a_subset_larger_than_the_split_is_the_split():
    found = data.load("digits")
    assert len(found.select("train", subset=10_000)[1]) == 1079
    only = found.select("train", ("3",), subset=10_000)[0]
    assert len(only.y) == (found.splits["train"].y == 3).sum()


def test_factors_follow_a_choice_of_rows():
    found = data.load("shapes")
    images, rows = found.select("train", ("heart", "star"), subset=10)
    assert (images.factors["hue"] == found.splits["train"].factors["hue"][rows]).all()


def test_the_probe_is_balanced_and_depends_on_the_source_alone():
    found = data.load("shapes")
    validation, bank = found.probe()
    assert (len(validation), len(bank)) == (1000, 4000)
    few = replace(
        found, splits={split: images._replace(y=np.tile(np.arange(8), 2000)) for split, images in found.splits.items()}
    )
    validation, bank = few.probe()
    assert (np.bincount(few.splits["train"].y[bank]) == 500).all()
    assert (replace(few, name="other", title="other", hash="other").probe()[0] == validation).all()
    assert (replace(few, source="other").probe()[0] != validation).any()


def test_small_classes_give_all_they_have_to_the_probe():
    y = np.repeat([0, 1], [50, 5000])
    rows = data.dataset.balanced(y, 1000, np.random.default_rng(0))
    assert np.bincount(y[rows]).tolist() == [50, 950]


def test_repeated_images_are_found_within_a_split(root):
    files = pets(10, ("train/", "val/", "test/"))
    files["test/cats/005.png"] = files["test/dogs/002.png"] = files["test/cats/001.png"]
    put(root / "pets", files)
    found = data.load("pets", 16)
    assert [group.tolist() for group in data.duplicates(found, "test")] == [[1, 5, 12]]
    assert data.duplicates(found, "train") == []
    assert data.card("pets", 16)["duplicates"] == {"train": [], "validation": [], "test": [[1, 5, 12]]}
