"""Noise and holes painted on an image, and what models make of them."""

import numpy as np
import pytest

from explorer import Refused, data
from explorer.core import DataSpec, TrainConfig
from explorer.evaluation import painting
from explorer.models import loading
from explorer.models.build import fresh, network


@pytest.fixture(scope="module")
def image():
    return data.load("garments").splits["validation"].x[3]


def test_nothing_outside_the_brush_changes(image):
    where = np.zeros((1, 1, 28, 28), bool)
    where[..., 5:10, 5:10] = True
    for brush in painting.BRUSHES:
        seen = painting.painted(image[None], where, brush)
        assert (seen[~where] == image[None][~where]).all()
        assert (seen[where] != image[None][where]).mean() > 0.5
    assert (seen[where] == painting.GREY).all()


def test_a_denoising_autoencoder_removes_painted_noise(image):
    model = loading.load("garments-denoising", data.load("garments"))
    found = painting.restore(model, image, np.ones((28, 28), bool), "noise")
    assert found.inside < found.before / 2
    clean = painting.restore(model, image, np.zeros((28, 28), bool), "noise")
    assert (clean.seen == image).all()
    assert clean.inside is None


def test_a_context_encoder_fills_the_painted_part_and_keeps_the_rest(image):
    spec = DataSpec.image("garments", 1, 28, tuple("0123456789"), 100)
    cfg = TrainConfig(encoder="conv", seed=1)
    model = network("test", "Test", fresh("context_encoder", {}, cfg, spec), cfg)
    assert model.can_fill and not model.can_decode
    mask = np.zeros((14, 14), bool)  # painted on a coarser grid
    mask[3:6, 4:8] = True
    found = painting.restore(model, image, mask, "hole")
    hole = painting.resized(mask, (28, 28))
    assert hole.sum() == 4 * mask.sum()
    assert (found.made[:, ~hole] == image[:, ~hole]).all()
    assert (found.seen[:, hole] == painting.GREY).all()
    assert found.inside is not None


def test_an_image_of_another_size_and_colour_is_brought_to_the_models_own():
    model = loading.load("garments-denoising", data.load("garments"))
    colour = np.random.default_rng(0).integers(0, 256, (3, 50, 50), np.uint8)
    found = painting.restore(model, colour, np.eye(50, dtype=bool), "noise")
    assert found.made.shape == found.seen.shape == (1, 28, 28)


def test_a_model_that_does_neither_is_refused(image):
    with pytest.raises(Refused, match="neither decodes nor fills"):
        painting.restore(loading.load("pixels", data.load("garments")), image, np.zeros((28, 28), bool), "hole")
