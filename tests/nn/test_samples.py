"""The images that a method is solved on: how many, and how many components they allow."""

from dataclasses import replace

import pytest
import torch

from explorer import Refused
from explorer.core import DataSpec, Split, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn import flat_sample
from tests.methods.coding_cases import CLASSICAL


def test_a_fit_sees_at_most_ten_thousand_images():
    split = Split(torch.zeros(10_050, 1, 2, 2, dtype=torch.uint8), torch.zeros(10_050), ("a",), "many")
    assert flat_sample(split, generator(0))[0].shape == (10_000, 4)
    assert (
        flat_sample(split, generator(0))[1]
        == flat_sample(split, generator(0))[1]
        != flat_sample(split, generator(1))[1]
    )


@pytest.mark.parametrize(("name", "hyperparameter"), CLASSICAL.items())
def test_more_components_than_images_are_refused_with_the_nearest_value(name, hyperparameter):
    cfg, few = METHODS[name].training({}), DataSpec.image("few", 1, 8, ("a",), 20)
    with pytest.raises(
        Refused, match=rf"{name} cannot find 32 {hyperparameter} in 20 images: choose {hyperparameter} 20"
    ):
        fresh(name, {hyperparameter: 32}, cfg, few)
    fresh(name, {hyperparameter: 20}, cfg, few)
    fresh(name, {hyperparameter: 32}, cfg, replace(few, rows=0))  # not known yet


@pytest.mark.parametrize("name", ["pca", "ica"])
def test_more_components_than_pixels_are_refused_with_the_nearest_value(name):
    spec, cfg = DataSpec.image("small", 1, 2, ("a",), 20), METHODS[name].training({"encoder": "mlp"})
    with pytest.raises(Refused, match="cannot find 8 components in images of 4 numbers: choose components 4 or less"):
        fresh(name, {"components": 8}, cfg, spec)
    assert fresh(name, {"components": 4}, cfg, spec).mean.shape == (4,)
