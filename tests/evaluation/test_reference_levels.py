"""What a training must beat, on the images that it is watched on."""

import pytest

from explorer import data
from explorer.evaluation import reference_levels
from explorer.models.loading import load


def test_the_curve_must_beat_pixels_on_the_images_that_are_watched():
    digits = data.load("digits")
    value = reference_levels.watched_knn(load("pixels", digits), digits)
    validation, bank = digits.probe()
    assert value * len(validation) == pytest.approx(round(value * len(validation)))
    assert 0.9 < value < 1 and len(bank)
    two = reference_levels.watched_knn(load("pixels", digits), digits, ("0", "1"))
    assert two > value
