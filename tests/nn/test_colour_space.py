"""Colour: L*a*b*, its classes, and the two methods that guess one part of it from the other."""

import math

import pytest
import torch

from explorer import Refused
from explorer.core import ENCODERS, Batch, DataSpec, generator
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn.colour_space import Palette, Places, ab_of_pale, grey_of, in_gamut, pale, rebalanced, to_lab, to_rgb

LEVELS = torch.linspace(0, 1, 18)
CUBE = torch.cartesian_prod(LEVELS, LEVELS, LEVELS)[:, :, None, None]  # [5832, 3, 1, 1]
METHOD_NAMES = ["colorization", "split_brain"]


def made(name, size=16, encoder="conv", **hyperparameters):
    cfg = METHODS[name].training({"encoder": encoder, "width": 0.25})
    return fresh(name, hyperparameters, cfg, DataSpec.image("test", 3, size, tuple("abcd"), 40))


def batch(n=8, size=16):
    x = torch.rand(n, 3, size // 4, size // 4, generator=generator(0, "images"))
    return Batch(torch.nn.functional.interpolate(x, [size, size]), torch.zeros(n).long(), torch.arange(n))


# ---------------------------------------------------------------------------------------------- L*a*b*


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
        ((0.02, 0.02, 0.02), (1.398, 0, 0)),  # on the straight parts of both curves
    ],
)
def test_known_colours_have_their_lab(rgb, lab):
    x = torch.tensor(rgb, dtype=torch.float32)[None, :, None, None]
    assert to_lab(x).flatten().tolist() == pytest.approx(lab, abs=0.006)


def test_lab_and_back_is_the_image():
    assert (to_rgb(to_lab(CUBE)) - CUBE).abs().max() < 1e-4
    assert (to_rgb(to_lab(CUBE.double())) - CUBE).abs().max() < 1e-6


def test_lab_is_taken_pixel_by_pixel():
    x = batch(3).x
    assert torch.allclose(to_lab(x)[1:2, :, 4:6, 3:9], to_lab(x[1:2, :, 4:6, 3:9]))


def test_lab_has_its_gradient():
    x = torch.rand(1, 3, 2, 2, generator=generator(0, "x"), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(to_lab, x)
    assert torch.autograd.gradcheck(to_rgb, to_lab(0.1 + 0.8 * x.detach()).requires_grad_())


@pytest.mark.parametrize("way", [to_lab, lambda x: to_rgb(to_lab(x))])
def test_black_and_white_have_a_finite_gradient(way):
    x = torch.tensor([0.0, 1.0]).repeat(1, 3, 1, 1).requires_grad_()
    assert torch.autograd.grad(way(x).sum(), x)[0].isfinite().all()


def test_a_pale_image_keeps_every_colour_and_no_lightness():
    lab = to_lab(CUBE)
    shown = pale(lab[:, 1:])
    assert (ab_of_pale(shown) - lab[:, 1:]).abs().max() < 0.01  # of about 200
    assert (to_lab(shown)[:, 0] - 60).abs().max() < 0.01


# ------------------------------------------------------------------------------------- classes of colour


@pytest.mark.parametrize(("side", "count"), [(10, 261), (20, 77), (50, None)])
def test_every_colour_has_its_square_and_every_square_a_colour(side, count):
    centres = in_gamut(side)
    ab = to_lab(CUBE)[:, 1:, 0, 0]
    nearest = torch.cdist(ab, centres, p=math.inf).min(1)
    assert nearest.values.max() <= side / 2 + 1e-3
    assert count in (None, len(centres))
    assert len(nearest.indices.unique()) > 0.9 * len(centres)  # the cube of the test is coarser
    assert torch.equal(centres, in_gamut(side))


def test_a_colour_is_shared_among_its_five_nearest_squares_by_a_gaussian():
    palette, ab = Palette(10), to_lab(batch(2).x)[:, 1:]
    z = palette.encode(ab)
    assert z.shape == (2, 261, 16, 16)
    assert torch.allclose(z.sum(1), torch.ones(2, 16, 16))
    assert ((z > 0).sum(1) <= 5).all()
    square = (palette.centres - ab[1, :, 3, 7]).square().sum(1).tolist()
    near = sorted(range(261), key=square.__getitem__)[:5]
    weights = {i: math.exp(-square[i] / (2 * 5**2)) for i in near}
    for i in range(261):
        assert z[1, i, 3, 7].item() == pytest.approx(weights.get(i, 0) / sum(weights.values()), abs=1e-5)


def test_the_annealed_mean_is_equation_5():
    palette = Palette(20)
    logits = torch.randn(1, len(palette), 2, 2, generator=generator(0, "logits"))
    p = logits[0, :, 1, 0].softmax(0).tolist()
    powers = [math.exp(math.log(q) / 0.38) for q in p]
    mean = [sum(w * c for w, c in zip(powers, axis, strict=True)) / sum(powers) for axis in palette.centres.T.tolist()]
    assert palette.decode(logits, 0.38)[0, :, 1, 0].tolist() == pytest.approx(mean, abs=1e-3)
    mode = palette.centres[logits[0, :, 1, 0].argmax()]
    assert torch.allclose(palette.decode(100 * logits, 0.05)[0, :, 1, 0], mode)


def test_a_certain_guess_is_decoded_to_about_its_colour():
    palette, ab = Palette(10), to_lab(batch(2).x)[:, 1:]
    assert (palette.decode(palette.encode(ab).log(), 1.0) - ab).abs().max() < 10


def test_rare_colours_weigh_more_and_one_on_average():
    prior = torch.tensor([0.7, 0.2, 0.1, 0.0])
    slow = [1 / (0.5 * p + 0.5 / 4) for p in prior.tolist()]
    scale = sum(p * w for p, w in zip(prior.tolist(), slow, strict=True))
    assert rebalanced(prior, 1.0).tolist() == pytest.approx([w / scale for w in slow])
    assert (prior * rebalanced(prior, 0.3)).sum().item() == pytest.approx(1)
    assert rebalanced(prior, 0.0).tolist() == [1, 1, 1, 1]
    assert rebalanced(torch.full((7,), 1 / 7), 1.0).tolist() == pytest.approx([1] * 7)


@pytest.mark.parametrize("size", [16, 28, 32])
@pytest.mark.parametrize("name", ENCODERS)
def test_scores_stand_at_a_quarter_of_the_side_whatever_the_encoder(name, size):
    encoder = ENCODERS[name](1, size, 0.25)
    places = Places(encoder, 1, size, 9)
    assert encoder.training
    scores = places(encoder.feature_map(torch.rand(2, 1, size, size, generator=generator(0, "x"))))
    assert scores.shape == (2, 9, places.side, places.side)
    assert size / 4 <= places.side <= size / 4 + 1
    assert places.shrunk(torch.zeros(2, 3, size, size)).shape == (2, 3, places.side, places.side)
    assert scores[0, 0].std() > 0  # even an mlp, whose features have one place, gives each its own


# ------------------------------------------------------------------------------------------ the methods


def test_colorization_cannot_see_the_colour():
    method = made("colorization").eval()
    x = batch().x
    lab = to_lab(x)
    grey = to_rgb(torch.cat([lab[:, :1], 0 * lab[:, 1:]], 1))
    assert not torch.allclose(grey, x, atol=0.1)
    assert torch.allclose(method.embed(x), method.embed(grey), atol=1e-4)


def test_each_half_of_a_split_brain_sees_what_the_other_does_not():
    method = made("split_brain").eval()
    lab = to_lab(0.3 + 0.4 * batch().x)
    z = method.embed(to_rgb(lab))
    greyed = method.embed(to_rgb(torch.cat([lab[:, :1], 0.5 * lab[:, 1:]], 1)))
    lighter = method.embed(to_rgb(torch.cat([lab[:, :1] + 5, lab[:, 1:]], 1)))
    for other, blind in ((greyed, 0), (lighter, 1)):
        moved = [half.abs().max().item() for half in (other - z).chunk(2, dim=1)]
        assert moved[1 - blind] > 50 * moved[blind]


def test_a_split_brain_tells_the_loss_of_each_half():
    method = made("split_brain")
    out = method.loss(**method.views(batch(), generator(0, "t")))
    assert out["loss"].item() == pytest.approx((out["ab"] + out["lightness"]).item())
    assert method.chance(8) == pytest.approx(math.log(77) + math.log(20))


def test_lightness_falls_into_equal_steps():
    steps = made("split_brain", greys=4).step(torch.tensor([0.0, 0.24, 0.26, 0.99, 1.0])[:, None, None, None])
    assert steps[:, :, 0, 0].argmax(1).tolist() == [0, 0, 1, 3, 3]
    assert (steps.sum(1) == 1).all()


def test_the_prior_moves_towards_the_colours_that_were_seen():
    method, images = made("colorization"), batch()
    assert method.prior.std() < 1e-6
    out = method.loss(**method.views(images, generator(0, "t")))
    for _ in range(200):
        method.after_step(out, images, 0.0)
    assert torch.allclose(method.prior, out["colours"].mean(0), atol=1e-4)
    assert method.prior.sum().item() == pytest.approx(1, abs=1e-5)


def test_an_even_guess_costs_the_chance_line_once_the_prior_is_known():
    method, images = made("colorization"), batch()
    views = method.views(images, generator(0, "t"))
    for _ in range(200):
        method.after_step(method.loss(**views), images, 0.0)
    torch.nn.init.zeros_(method.places.scores.weight)
    torch.nn.init.zeros_(method.places.scores.bias)
    assert method.loss(**views)["loss"].item() == pytest.approx(method.chance(8), abs=1e-3)


def test_colorization_without_rebalancing_is_broken_on_purpose():
    broken = METHODS["colorization"].hyperparameters({"rebalance": 0.0})
    assert set(broken.ablated()) == {"rebalance"}
    assert broken.restored().rebalance == 1.0
    assert not METHODS["colorization"].hyperparameters({}).ablated()


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_autocast_costs_little(name):
    method, images = made(name), batch(16)
    views = method.views(images, generator(0, "t"))
    exact = method.loss(**views)["loss"]
    with torch.autocast("cpu", torch.bfloat16):
        coarse = method.loss(**views)["loss"]
    assert coarse.item() == pytest.approx(exact.item(), rel=0.02)
    assert coarse.dtype == torch.float32


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_grey_images_are_refused_with_the_rule(name):
    cfg = METHODS[name].training({})
    with pytest.raises(Refused, match="needs colour images, and digits is grey: choose another data set"):
        fresh(name, {}, cfg, DataSpec.image("digits", 1, 8, ("0",), 9))


def test_a_coloured_image_has_the_lightness_of_the_grey_one():
    method, x = made("colorization").eval(), 0.3 + 0.4 * batch().x
    for parameter in method.places.parameters():
        torch.nn.init.zeros_(parameter)  # an even guess: the mean of all colours, pale enough to be shown exactly
    shown = method.gallery(x)
    assert torch.allclose(grey_of(shown["coloured"]), shown["grey"], atol=1e-3)
