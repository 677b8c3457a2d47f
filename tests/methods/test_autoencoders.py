"""Autoencoders: each is what its paper says, by a slow definition or a known answer."""

import numpy as np
import pytest
import torch

from explorer import Refused, runs
from explorer.core import Split, generator, unit
from explorer.methods import METHODS
from explorer.models.weights import restore
from tests.methods.coding_cases import flat, learned, made


def test_a_linear_code_that_has_learned_long_spans_the_subspace_of_pca(digits):
    hyperparameters = {"latent": 4, "linear": True, "error": "mse"}
    before = made("autoencoder", hyperparameters, digits)[0].measure(unit(digits.x))
    method, _ = learned("autoencoder", hyperparameters, digits, epochs=150, lr=1e-2, schedule="cosine")
    after = method.measure(unit(digits.x))
    cosines = after["cosines of principal angles to PCA"]
    assert cosines.shape == (4,)
    assert cosines.min() > 0.99 > before["cosines of principal angles to PCA"].min()
    assert after["mean cosine to PCA"] == cosines.mean()


def test_the_measured_angles_are_those_of_two_planes(digits):
    method, _ = made("autoencoder", {"latent": 2, "linear": True, "error": "mse"}, digits)
    axes = np.linalg.svd(flat(digits) - flat(digits).mean(0))[2]
    away = np.cos(0.7) * axes[1] + np.sin(0.7) * axes[5]  # the second axis turned out of the plane by 0.7
    with torch.no_grad():
        method.decoder[0].weight.copy_(torch.from_numpy(np.stack([axes[0], away], 1) @ [[2.0, 1.0], [0.5, 3.0]]))
    cosines = method.measure(unit(digits.x))["cosines of principal angles to PCA"]
    assert cosines.tolist() == pytest.approx([1, np.cos(0.7)], abs=1e-4)


def test_a_linear_code_is_linear_in_the_image(digits):
    method, _ = made("autoencoder", {"linear": True, "error": "mse"}, digits, encoder="resnet18")
    a, b = unit(digits.x[:5]), unit(digits.x[5:10])
    both = method.draw(method.embed((a + b) / 2))
    torch.testing.assert_close(both, (method.draw(method.embed(a)) + method.draw(method.embed(b))) / 2)


def test_a_linear_code_with_cross_entropy_is_refused_with_the_way_out():
    with pytest.raises(Refused, match=r"linear code .* choose error mse, or linear off"):
        METHODS["autoencoder"].hyperparameters({"linear": True})


def test_the_shipped_autoencoder_still_opens():
    method, _ = restore(runs.get("digits-autoencoder").weights("last"))
    assert "decoder.0.weight" in method.state_dict()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_masking_noise_hides_the_share_that_it_says(share, digits):
    bright = Split(torch.full((20, 3, 10, 10), 255, dtype=torch.uint8), digits.y[:20], digits.classes, "bright")
    method, _ = made("denoising", {"noise": "masking", "share": share}, bright)
    views = method.views(bright.batch(torch.arange(20)), generator(0))
    hidden = views["noisy"] == 0
    assert hidden.float().mean((1, 2, 3)).tolist() == pytest.approx([share] * 20)
    assert (hidden == hidden[:, :1]).all(), "a pixel is hidden in all its channels"
    assert share == 0 or not torch.equal(hidden[0], hidden[1]), "each image is spoilt in its own way"
    assert (views["image"] == 1).all()


def test_gaussian_noise_has_the_strength_that_it_says(digits):
    grey = Split(torch.full((200, 1, 8, 8), 128, dtype=torch.uint8), digits.y[:200], digits.classes, "grey")
    method, _ = made("denoising", {"noise": "gaussian", "sigma": 0.1}, grey)
    views = method.views(grey.batch(torch.arange(200)), generator(0))
    assert (views["noisy"] - views["image"]).std().item() == pytest.approx(0.1, rel=0.05)


def test_the_answer_to_a_spoilt_image_is_the_clean_one(digits):
    method, _ = made("denoising", {"error": "mse", "noise": "masking", "share": 0.5}, digits)
    views = method.views(digits.batch(torch.arange(50)), generator(0))
    drawn = method.decode(method.embed(views["noisy"]))
    assert method.loss(**views)["loss"].item() == pytest.approx(((drawn - views["image"]) ** 2).mean().item(), rel=1e-5)


@pytest.mark.parametrize("penalty", ["kl", "l1"])
def test_a_penalty_makes_codes_sparser(penalty, digits):
    def silent(weight):
        method, _ = learned("sparse", {"penalty": penalty, "weight": weight, "latent": 96}, digits, epochs=30, lr=3e-3)
        return method.loss(unit(digits.x))["sparsity"].item()

    assert silent(0.2) > silent(0.0) + 0.1


def test_a_unit_cannot_escape_l1_by_a_small_code_with_a_large_picture(digits):
    method, _ = made("sparse", {"penalty": "l1"}, digits)
    before = method.loss(unit(digits.x))
    with torch.no_grad():
        method.code.weight.mul_(0.1)
        method.code.bias.mul_(0.1)
        method.decoder[0].weight.mul_(10)
    after = method.loss(unit(digits.x))
    torch.testing.assert_close(after, before)


def test_the_kl_of_each_number_is_the_integral_that_defines_it(digits):
    method, _ = made("vae", {"latent": 3}, digits)
    x = unit(digits.x[:7])
    mu, logvar = (t.detach().double()[..., None] for t in method.posterior(x))
    z = torch.linspace(-12, 12, 20_001, dtype=torch.float64)  # a fine grid instead of the closed form
    log_q = -0.5 * (z - mu) ** 2 / logvar.exp() - 0.5 * logvar
    slow = (log_q.exp() * (log_q + 0.5 * z**2)).sum(-1) * (z[1] - z[0]) / (2 * torch.pi) ** 0.5
    measured = method.measure(x)
    torch.testing.assert_close(measured["KL per dimension"].double(), slow.mean(0), rtol=1e-4, atol=1e-6)
    assert measured["active dimensions"] == (slow.mean(0) > 0.01).sum()


def test_without_beta_the_codes_leave_the_prior(digits):
    def kl(beta):
        method, _ = learned("vae", {"beta": beta}, digits, epochs=10, lr=3e-3)
        return method.measure(unit(digits.x))["KL per dimension"].sum().item()

    assert kl(0.0) > 2 * kl(4.0)


def test_the_parts_of_the_bound_are_nats_per_image(digits):
    method, _ = made("vae", {"beta": 3.0}, digits)
    views = method.views(digits.batch(torch.arange(40)), generator(0))
    mu, logvar = method.posterior(views["image"])
    p, x = method.decode(mu + (logvar / 2).exp() * views["noise"]), views["image"]
    slow = -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3)).mean()
    out = method.loss(**views)
    torch.testing.assert_close(out["reconstruction"], slow.detach())
    torch.testing.assert_close(out["loss"].detach(), out["reconstruction"] + 3 * out["kl"])


@pytest.mark.parametrize(("beta", "broken"), [(0.0, True), (1.0, False), (4.0, False), (64.0, True), (300.0, True)])
def test_beta_says_where_it_breaks_the_method(beta, broken):
    cfg = METHODS["vae"].hyperparameters({"beta": beta})
    assert bool(cfg.ablated()) == broken
    assert not cfg.restored().ablated()


def test_dreams_are_drawn_from_the_same_codes_at_every_time(digits):
    method, _ = made("vae", {}, digits)
    first, second = (method.gallery(unit(digits.x[:4]))["dreams"] for _ in range(2))
    assert torch.equal(first, second)
