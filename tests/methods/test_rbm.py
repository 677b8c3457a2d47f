"""The restricted Boltzmann machine: its energy, its gradient, where it begins, and that it comes to draw its images."""

from itertools import product

import pytest
import torch

from explorer import data
from explorer.core import generator, unit
from explorer.methods.rbm import SLOWER
from explorer.models import devices
from tests.methods.coding_cases import learned, made

KINDS = ("bernoulli", "gaussian")


def grown(kind, digits, **hyperparameters):
    """A machine with weights that matter, prepared with these images."""
    method, _ = made("rbm", {"hidden": 9, "visible": kind, **hyperparameters}, digits)
    with torch.no_grad():
        method.weight.mul_(30)
        method.bias.copy_(torch.randn(9, generator=generator(3)))
    method.prepare(unit(digits.x))
    return method


def energy(method, v, h):
    """E(v, h) `[B]` of visible and hidden units, by its definition."""
    own = (v - method.visible).square().sum(1) / 2 if method.gaussian else -(v @ method.visible)
    return own - h @ method.bias - ((v @ method.weight) * h).sum(1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_free_energy_sums_over_all_states_of_the_hidden_units(kind, digits):
    method, x = grown(kind, digits).double(), unit(digits.x[:5]).double()
    v = method.units(x)
    states = torch.tensor(list(product((0.0, 1.0), repeat=9)), dtype=torch.float64)
    energies = torch.stack([energy(method, v, h.expand(5, 9)) for h in states])  # [512, B]
    torch.testing.assert_close(method.free_energy(x), -(-energies).logsumexp(0))


@pytest.mark.parametrize("kind", KINDS)
def test_the_units_are_as_likely_as_the_energy_says(kind, digits):
    """Of a hidden unit the odds, of a Gaussian visible one the mean, where the energy has its minimum."""
    method, x = grown(kind, digits).double(), unit(digits.x[:5]).double()
    v, on = method.units(x), torch.eye(9, dtype=torch.float64)[2].expand(5, 9)
    odds = energy(method, v, torch.zeros_like(on)) - energy(method, v, on)
    torch.testing.assert_close(method.embed(x)[:, 2], odds.sigmoid())
    mean = method.units(method.means(on)).detach().requires_grad_()
    (slope,) = torch.autograd.grad(energy(method, mean, on).sum(), mean)
    expected = torch.zeros_like(slope) if kind == "gaussian" else -method.means(on).flatten(1).logit()
    torch.testing.assert_close(slope, expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 3])
def test_the_gradient_of_an_rbm_is_contrastive_divergence(k, kind, digits):
    method = grown(kind, digits, k=k)
    views = method.views(digits.batch(torch.arange(50)), generator(0))
    method.loss(**views)["divergence"].backward()
    v0, vk = (method.units(views[name]) for name in ("image", "fantasy"))
    h0, hk = (torch.sigmoid(v @ method.weight + method.bias) for v in (v0, vk))
    share = (SLOWER if kind == "gaussian" else 1.0) / len(v0)
    close = {"rtol": 1e-4, "atol": 1e-5}
    torch.testing.assert_close(method.weight.grad, share * (vk.T @ hk - v0.T @ h0), **close)  # it is minimised
    torch.testing.assert_close(method.visible.grad, share * (vk - v0).sum(0), **close)
    torch.testing.assert_close(method.bias.grad, share * (hk - h0).sum(0), **close)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_that_of_finite_differences(kind, digits):
    method = grown(kind, digits).double()
    views = {
        name: x.double() for name, x in grown(kind, digits).views(digits.batch(torch.arange(9)), generator(0)).items()
    }
    method.loss(**views)["divergence"].backward()
    share = SLOWER if kind == "gaussian" else 1.0

    def divergence():
        return (method.free_energy(views["image"]) - method.free_energy(views["fantasy"])).mean().item()

    for parameter in method.parameters():
        flat, gradient = parameter.data.view(-1), parameter.grad.view(-1)
        for i in range(0, len(flat), max(1, len(flat) // 7)):
            ends, before = [], flat[i].item()
            for step in (-1e-5, 1e-5):
                flat[i] = before + step
                ends.append(divergence())
            flat[i] = before
            assert gradient[i].item() == pytest.approx(share * (ends[1] - ends[0]) / 2e-5, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_an_rbm_begins_with_the_mean_image(kind, digits):
    method, _ = made("rbm", {"visible": kind}, digits)
    images = unit(digits.x)
    method.prepare(images)
    mean = images.mean(0).clamp(*(0.01, 0.99) if kind == "bernoulli" else (0, 1))
    with torch.no_grad():
        method.weight.zero_()
    torch.testing.assert_close(method.decode(torch.ones(1, method.cfg.hidden))[0], mean)
    if kind == "gaussian":
        assert (method.units(images) - method.visible).std().item() == pytest.approx(1, rel=1e-3)


def spread(x):
    """The error of the mean image, which who learns nothing makes."""
    return unit(x).var(0).mean()


@pytest.mark.parametrize("kind", KINDS)
def test_an_rbm_comes_to_draw_its_images(kind, digits):
    method, _ = learned("rbm", {"hidden": 64, "visible": kind}, digits, epochs=30)
    assert reconstruction_error(method, digits.x) < 0.5 * spread(digits.x)


@pytest.mark.parametrize("kind", KINDS)
def test_an_rbm_learns_colour_images_at_its_own_learning_rate(kind):
    """Without centred pixels nearly all hidden units end up on or off for all images, and the mean image is drawn."""
    shapes = devices.load_split(data.load("shapes"), "train", (), 500, torch.device("cpu"))
    method, _ = learned("rbm", {"visible": kind}, shapes, epochs=10, batch=32)
    assert reconstruction_error(method, shapes.x) < 0.6 * spread(shapes.x)
    with torch.no_grad():
        on = method.embed(unit(shapes.x)).mean(0)
    assert ((on > 0.01) & (on < 0.99)).float().mean() > 0.95


def test_weights_of_before_pixels_were_centred_are_those_of_pixels_as_they_are(digits):
    method, _ = made("rbm", {}, digits)
    x, old = unit(digits.x[:5]), method.state_dict()
    del old["mean"]
    other, _ = made("rbm", {}, digits)
    other.load_state_dict(old)
    torch.testing.assert_close(other.embed(x), (x.flatten(1) @ method.weight + method.bias).sigmoid())


def reconstruction_error(method, x):
    """Mean squared error per pixel."""
    return (method.gallery(unit(x))["reconstruction"] - unit(x)).square().mean()
