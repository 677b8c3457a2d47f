"""Which networks, pooling and resolution go together: whatever is not refused trains, and refusals say what to do."""

import re
from itertools import product

import pytest
import torch

from explorer import Refused
from explorer.core import ENCODERS, DataSpec, TrainConfig
from explorer.methods import METHODS
from explorer.models.build import architecture, check_fit, fresh
from explorer.nn import builder
from explorer.train import Fit
from tests.methods.contract_cases import fitting, made

PARTS = {"pooling": {"pooling": 2}, "half": {"half_resolution": 0.5}, "both": {"pooling": 2, "half_resolution": 0.5}}
WORDS = {
    "pooling": r"has no feature map with several places: set pooling to 1$",
    "half": r"learns from images of one size: set half_resolution to 0$",
}


def allowed(name, encoder, part):
    """Whether this method, or its encoder, knows of places or of other sizes."""
    method, flexible = METHODS[name], ENCODERS[encoder].any_size
    places, sizes = flexible and method.uses_encoder, flexible and method.any_size
    return {"pooling": places, "half": sizes, "both": places and sizes}[part]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(("name", "encoder"), list(product(METHODS, ENCODERS)))
def test_a_combination_trains_or_is_refused_in_one_sentence(name, encoder, part):
    def training():
        return made(name, encoder, fitting(name, "colour"), **PARTS[part])

    if not allowed(name, encoder, part):
        with pytest.raises(Refused, match="|".join(WORDS.values())) as caught:
            training()
        assert re.match(rf"(encoder {encoder}|{name}) ", str(caught.value))
        return
    method, data, cfg = training()
    losses = [step.out["loss"] for step in Fit(method, data, cfg)]
    assert all(loss.isfinite() for loss in losses)
    z = method.eval().embed(data.batch(torch.arange(4)).x)
    assert z.shape[0] == 4 and z.ndim == 2 and z.isfinite().all()


@pytest.mark.parametrize("name", [name for name in METHODS if METHODS[name].uses_encoder])
def test_a_representation_of_the_encoders_own_has_as_many_means_as_pooling_says(name):
    one, four = (
        made(name, "conv", fitting(name, "colour"), pooling=pooling)[0].eval().embed(torch.rand(2, 3, 16, 16)).shape[1]
        for pooling in (1, 2)
    )
    coded = METHODS[name].info.family == "autoencoder"  # its code has a width of its own
    assert four == (one if coded else 4 * one)


@pytest.mark.parametrize(
    ("encoder", "train", "words"),
    [
        ("resnet18", {"half_resolution": 0.5}, "half of 8 pixels is less than the 8 that simclr needs with encoder "
         "resnet18: set half_resolution to 0, or raise size"),
        ("resnet18", {"pooling": 2}, "encoder resnet18 makes of an image of 8x8 a feature map of 1x1 places, too few "
         "for pooling 2: set pooling to 1, or raise size"),
        ("vit", {"pooling": 4}, None),
        ("conv", {"pooling": 4}, None),
        ("conv", {"pooling": 4, "half_resolution": 0.5}, None),
        ("vit", {"half_resolution": 0.5}, None),
    ],
)  # fmt: skip
def test_small_images_are_taken_as_far_as_the_network_can(encoder, train, words):
    def training():
        return made("simclr", encoder, "grey", **train)

    if words is None:
        assert all(step.out["loss"].isfinite() for step in Fit(*training()))
    else:
        with pytest.raises(Refused, match=f"^{re.escape(words)}$"):
            training()


@pytest.mark.parametrize("size", [4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 28])
@pytest.mark.parametrize("encoder", [name for name in ENCODERS if ENCODERS[name].any_size])
def test_whatever_fits_can_be_computed_at_half_the_resolution_too(encoder, size):
    """The refusal is neither too early nor too late: what it lets pass is computed, and a pixel less it does not."""
    spec = DataSpec.image("test", 1, size, ("a", "b"), 40)
    cfg = METHODS["simclr"].training({"encoder": encoder, "width": 0.25, "half_resolution": 0.5})
    fits = size // 2 >= ENCODERS[encoder].min_size
    try:
        method = fresh("simclr", {}, cfg, spec)
    except Refused:
        assert not fits
        return
    assert fits
    x = torch.rand(4, 1, size // 2, size // 2)
    assert method.embed(x).shape == method.embed(torch.rand(4, 1, size, size)).shape


def test_what_can_be_known_beforehand_draws_nothing():
    spec, drawn = DataSpec.image("test", 3, 32, ("a", "b"), 40), torch.get_rng_state()
    cfg = METHODS["simclr"].training({"pooling": 2})
    check_fit("simclr", METHODS["simclr"].Config(), cfg, spec)
    assert torch.equal(torch.get_rng_state(), drawn)


@pytest.mark.parametrize("other", [{"encoder": "vit"}, {"width": 0.5}, {"pooling": 2}])
def test_what_decides_an_encoder_is_in_its_description(other):
    assert architecture(TrainConfig(**other)) != architecture(TrainConfig())


def test_the_features_of_two_poolings_of_the_same_weights_differ_though_the_weights_do_not():
    spec, x = DataSpec.image("test", 3, 16, ("a", "b"), 40), torch.rand(2, 3, 16, 16)
    one, four = (builder(TrainConfig(pooling=pooling), spec)() for pooling in (1, 2))
    four.load_state_dict(one.state_dict())
    torch.testing.assert_close(four.eval().embed(x).unflatten(1, (-1, 4)).mean(2), one.eval().embed(x))
