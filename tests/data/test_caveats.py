"""What is said beside the scores of a data set."""

from dataclasses import replace

import numpy as np
import pytest

from explorer import data
from explorer.data import caveats
from tests.data.image_cases import pets, put
from tests.data.test_copies import copied


def test_a_sound_data_set_needs_no_words():
    assert caveats.of_scores(data.load("digits")) == []


def test_copies_of_training_images_are_said_of_each_split(root):
    put(root / "pets", copied())
    found = data.load("pets", 16)
    assert caveats.copies(found, "validation") == (
        "5 of the 24 validation images are exact copies of training images, so a score on them overstates the "
        "accuracy on new images."
    )
    assert caveats.of_scores(found) == [
        "1 of the 24 test images is an exact copy of a training image, so a score on them overstates the accuracy on "
        "new images."
    ]
    assert caveats.of_scores(found, ("cats",)) == []
    assert caveats.copies(found, "validation", ("cats",)).startswith("4 of the 12 validation images are")
    assert caveats.copies(found, "validation", ("dogs",)) == "", "its copy among the cats is no training image then"


def without(dataset, split, *names):
    images = dataset.splits[split]
    kept = ~np.isin(images.y, [dataset.classes.index(name) for name in names])
    return replace(dataset, splits={**dataset.splits, split: images._replace(x=images.x[kept], y=images.y[kept])})


def test_a_class_without_test_images_is_said():
    found = without(data.load("digits"), "test", "3", "7")
    (said,) = caveats.of_scores(found)
    assert said == "There are no test images of 3 and 7: the scores do not say how well they are recognised."
    assert caveats.of_scores(found, ("1", "2")) == []
    assert "of 7: the scores do not say how well it is" in caveats.of_scores(found, ("1", "7"))[0]


def test_a_class_without_training_images_is_said():
    found = data.load("digits")
    n = (found.splits["test"].y == 3).sum()
    (said,) = caveats.of_scores(without(found, "train", "3"))
    assert said == f"There are no training images of 3: all {n} test images of this class count as errors."


def test_images_that_are_left_out_because_training_lacks_their_class_are_said(root):
    files = pets(6, ("train/", "test/"))
    put(root / "pets", files | {f"test/bird{k}/{path[-7:]}": files[path] for k in "ab" for path in [*files][:3]})
    (said,) = caveats.of_scores(data.load("pets", 8))
    assert said == (
        "6 images of birda and birdb are left out, because the training images lack these classes: the scores do not "
        "count them."
    )


@pytest.mark.parametrize(
    ("names", "words"),
    [("a", "a"), ("ab", "a and b"), ("abcdef", "a, b, c, d, e and f"), ("abcdefg", "a, b, c, d, e and 2 more")],
)
def test_names_are_listed_as_in_a_sentence(names, words):
    assert caveats.listed([*names]) == words
