"""Trees of classes as text."""

import numpy as np
import pytest

from explorer import Refused, data
from explorer.evaluation.class_tree import KNOWN, heights, leaves, parse


def test_a_tree_is_read_and_its_heights_are_those_of_the_lowest_node_above_two():
    tree = parse(" ((cat,dog) , (car, (ship, T-shirt/top)), Ankle boot)")
    assert tree == (("cat", "dog"), ("car", ("ship", "T-shirt/top")), "Ankle boot")
    assert leaves(tree) == ["cat", "dog", "car", "ship", "T-shirt/top", "Ankle boot"]
    assert heights(tree, ["cat", "dog", "car", "ship"]).tolist() == [1, 3, 3, 3, 3, 2]
    assert heights(tree, ["ship", "T-shirt/top"]).tolist() == [1]


@pytest.mark.parametrize(("text", "words"), [
    ("", "a name or a '\\(' is missing"), ("cat", "it is one class"), ("((cat, dog)", "a '\\)' is missing"),
    ("(cat, dog))", "'\\)' follows the tree"), ("(cat, , dog)", "a name or a"),
    ("(cat, cat)", "'cat' stands in it twice"),
    ("(" * 90 + "cat", "deeper than 50"), ("(cat (dog))", "is missing"),
])  # fmt: skip
def test_what_is_no_tree_is_refused_in_a_sentence(text, words):
    with pytest.raises(Refused, match=f"that is no tree of classes, .*{words}.*: write it as"):
        parse(text)


def test_the_known_trees_are_of_the_classes_of_their_data():
    assert sorted(leaves(parse(KNOWN["garments"]))) == sorted(data.load("garments").classes)
    ten = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    assert sorted(leaves(parse(KNOWN["cifar10"]))) == ten
    assert all(np.ptp(heights(parse(text), leaves(parse(text)))) > 0 for text in KNOWN.values())
