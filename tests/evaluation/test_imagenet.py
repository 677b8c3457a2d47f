"""Which classes of which data sets ImageNet contains, against the names of its classes."""

import pytest

from explorer import data
from explorer.data.published import PUBLISHED
from explorer.evaluation import imagenet
from explorer.system.torchvision import torchvision
from tests.source_cases import python

NAMES = torchvision().models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
MEANT = {
    "ants": "ant", "bees": "bee",
    "airplane": "airliner, warplane",
    "automobile": "ambulance, beach wagon, cab, convertible, jeep, limousine, minivan, Model T, racer, sports car",
    "cat": "tabby, tiger cat, Persian cat, Siamese cat, Egyptian cat",
    "frog": "bullfrog, tree frog, tailed frog",
    "horse": "sorrel",
    "ship": "aircraft carrier, catamaran, container ship, fireboat, lifeboat, liner, pirate, schooner, speedboat, "
            "trimaran, yawl",
    "truck": "fire engine, garbage truck, moving van, pickup, tow truck, trailer truck",
    "T-shirt/top": "jersey", "Trouser": "jean", "Pullover": "cardigan, sweatshirt",
    "Dress": "gown, hoopskirt, overskirt", "Coat": "fur coat, lab coat, trench coat", "Sandal": "sandal",
    "Sneaker": "running shoe", "Bag": "backpack, mailbag, purse", "Ankle boot": "cowboy boot",
}  # fmt: skip
FIRST_AND_LAST = {"bird": "cock … great grey owl, black grouse … black swan, white stork … albatross",
                  "dog": "Chihuahua … Mexican hairless"}  # fmt: skip


@pytest.mark.parametrize("dataset", imagenet.KNOWN)
def test_the_numbers_of_the_table_are_the_classes_that_are_meant(dataset):
    for name, numbers in imagenet.KNOWN[dataset].items():
        if name in FIRST_AND_LAST:
            ends = [n for n in numbers if n - 1 not in numbers or n + 1 not in numbers]
            pairs = zip(ends[::2], ends[1::2], strict=True)
            assert ", ".join(f"{NAMES[a]} … {NAMES[b]}" for a, b in pairs) == FIRST_AND_LAST[name]
        else:
            assert ", ".join(NAMES[n] for n in numbers) == MEANT[name]
    every = [n for numbers in imagenet.KNOWN[dataset].values() for n in numbers]
    assert len(every) == len(set(every)), "no class of ImageNet is two of one data set"


def test_every_image_set_that_comes_along_or_is_downloaded_is_known():
    names = {name for name, entry in data.catalogue().items() if entry.modality == "image"} | set(PUBLISHED)
    assert names <= set(imagenet.KNOWN)
    for name in ("garments", "digits", "shapes"):
        assert set(imagenet.KNOWN[name]) <= set(data.catalogue()[name].classes)


def test_the_classes_of_ones_own_data_are_found_by_their_names():
    classes = ("Ants", "tabby", "sports_car", "my-dog")
    assert imagenet.counterparts("mine", classes, NAMES) == {"Ants": (310,), "tabby": (281,), "sports_car": (817,)}
    assert imagenet.counterparts("mine", classes) == {}


@pytest.mark.parametrize(("dataset", "classes", "words"), [
    ("hymenoptera_data", ("ants", "bees"), "ImageNet contains these classes: ants (310), bees (309)."),
    ("cifar10", ("cat", "deer"), "1 of the 2 classes are classes of ImageNet or groups of them"),
    ("digits", ("0", "1"), "None of these classes is a class of ImageNet"),
    ("mine", ("ants", "bees"), ""),
])  # fmt: skip
def test_what_has_to_be_said_beside_a_transfer_is_said(dataset, classes, words):
    said = imagenet.overlap(dataset, classes)
    assert said.startswith(words) and bool(said) == bool(words)


def test_it_is_said_without_torch():
    look = "from explorer.evaluation import imagenet; imagenet.overlap('mine', ())"
    assert python(f"import sys; {look}; print('torch' in sys.modules)").strip() == "False"
