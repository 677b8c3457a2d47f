"""Autoencoders and classical codes: each is what its paper says, by a slow definition or a known answer."""

import numpy as np
import pytest
import torch

from explorer import Refused, data, runs
from explorer.__main__ import main
from explorer.core import DataSpec, Split, address, unit
from explorer.methods import METHODS
from explorer.models import fresh, restore
from explorer.nn import flat_sample
from explorer.train import Fit

CLASSICAL = {"pca": "components", "ica": "components", "dictionary": "atoms", "kmeans": "centres"}


@pytest.fixture(scope="module")
def digits():
    images = data.load("digits").splits["train"]
    return Split(torch.from_numpy(images.x[:600].copy()), torch.from_numpy(images.y[:600]), tuple("0123456789"), "few")


def made(name, knobs, split, **train):
    torch.set_num_threads(1)
    cfg = METHODS[name].training({"encoder": "mlp", "width": 0.5, "batch": 100, **train})
    return fresh(name, knobs, cfg, split.spec("digits")), cfg


def learned(name, knobs, split, **train):
    method, cfg = made(name, knobs, split, **train)
    steps = list(Fit(method, split, cfg))
    return method.eval(), steps


def flat(split):
    return unit(split.x).flatten(1).double().numpy()


# ------------------------------------------------------------------------------------------ autoencoders


def test_a_linear_code_that_has_learned_long_spans_the_subspace_of_pca(digits):
    knobs = {"latent": 4, "linear": True, "error": "mse"}
    before = made("autoencoder", knobs, digits)[0].measure(unit(digits.x))
    method, _ = learned("autoencoder", knobs, digits, epochs=150, lr=1e-2, schedule="cosine")
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
    with pytest.raises(Refused, match=r"linear=True.*choose error mse"):
        METHODS["autoencoder"].knobs({"linear": True})


def test_the_shipped_autoencoder_still_opens():
    method, _ = restore(runs.get("digits-autoencoder").weights("last"))
    assert "decoder.0.weight" in method.state_dict()


@pytest.mark.parametrize("share", [0.0, 0.25, 0.9])
def test_masking_noise_hides_the_share_that_it_says(share, digits):
    bright = Split(torch.full((20, 3, 10, 10), 255, dtype=torch.uint8), digits.y[:20], digits.classes, "bright")
    method, _ = made("denoising", {"noise": "masking", "share": share}, bright)
    views = method.views(bright.batch(torch.arange(20)), address(0))
    hidden = views["noisy"] == 0
    assert hidden.float().mean((1, 2, 3)).tolist() == pytest.approx([share] * 20)
    assert (hidden == hidden[:, :1]).all(), "a pixel is hidden in all its channels"
    assert share == 0 or not torch.equal(hidden[0], hidden[1]), "each image is spoilt in its own way"
    assert (views["image"] == 1).all()


def test_gaussian_noise_has_the_strength_that_it_says(digits):
    grey = Split(torch.full((200, 1, 8, 8), 128, dtype=torch.uint8), digits.y[:200], digits.classes, "grey")
    method, _ = made("denoising", {"noise": "gaussian", "sigma": 0.1}, grey)
    views = method.views(grey.batch(torch.arange(200)), address(0))
    assert (views["noisy"] - views["image"]).std().item() == pytest.approx(0.1, rel=0.05)


def test_the_answer_to_a_spoilt_image_is_the_clean_one(digits):
    method, _ = made("denoising", {"error": "mse", "noise": "masking", "share": 0.5}, digits)
    views = method.views(digits.batch(torch.arange(50)), address(0))
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
    views = method.views(digits.batch(torch.arange(40)), address(0))
    mu, logvar = method.posterior(views["image"])
    p, x = method.decode(mu + (logvar / 2).exp() * views["noise"]), views["image"]
    slow = -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3)).mean()
    out = method.loss(**views)
    torch.testing.assert_close(out["reconstruction"], slow.detach())
    torch.testing.assert_close(out["loss"].detach(), out["reconstruction"] + 3 * out["kl"])


@pytest.mark.parametrize(("beta", "broken"), [(0.0, True), (1.0, False), (4.0, False), (64.0, True), (300.0, True)])
def test_beta_says_where_it_breaks_the_method(beta, broken):
    cfg = METHODS["vae"].knobs({"beta": beta})
    assert bool(cfg.broken()) == broken
    assert not cfg.healed().broken()


def test_dreams_are_drawn_from_the_same_codes_at_every_time(digits):
    method, _ = made("vae", {}, digits)
    first, second = (method.gallery(unit(digits.x[:4]))["dreams"] for _ in range(2))
    assert torch.equal(first, second)


# --------------------------------------------------------------------------------------------- classical


@pytest.mark.parametrize("k", [1, 3])
def test_the_gradient_of_an_rbm_is_contrastive_divergence(k, digits):
    method, _ = made("rbm", {"hidden": 9, "k": k}, digits)
    with torch.no_grad():
        method.weight.mul_(30)
    views = method.views(digits.batch(torch.arange(50)), address(0))
    method.loss(**views)["divergence"].backward()
    v0, vk = (views[name].flatten(1) for name in ("image", "fantasy"))
    h0, hk = (torch.sigmoid(v @ method.weight + method.bias) for v in (v0, vk))
    n = len(v0)
    torch.testing.assert_close(method.weight.grad, (vk.T @ hk - v0.T @ h0) / n)  # <v h>_k - <v h>_0: it is minimised
    torch.testing.assert_close(method.visible.grad, (vk - v0).mean(0))
    torch.testing.assert_close(method.bias.grad, (hk - h0).mean(0))


def test_an_rbm_comes_to_draw_its_images(digits):
    method, steps = learned("rbm", {"hidden": 64}, digits, epochs=20)
    assert steps[-1].out["loss"] < 0.6 * steps[0].out["loss"]
    spread = unit(digits.x).var(0).mean()
    assert (method.gallery(unit(digits.x))["reconstruction"] - unit(digits.x)).square().mean() < 0.7 * spread


def test_pca_is_the_singular_value_decomposition(digits):
    method, _ = learned("pca", {"components": 6}, digits)
    x = flat(digits)
    _, s, axes = np.linalg.svd(x - x.mean(0), full_matrices=False)
    same = np.abs((method.components.double().numpy() * axes[:6]).sum(1))
    assert same == pytest.approx(np.ones(6), abs=1e-5)
    assert method.share.numpy() == pytest.approx((s**2 / (s**2).sum())[:6], rel=1e-4)
    z = method.embed(unit(digits.x))
    assert z.var(0).numpy() == pytest.approx(s[:6] ** 2 / (len(x) - 1), rel=1e-3)
    best = (((x - x.mean(0)) @ axes[:6].T @ axes[:6] + x.mean(0) - x) ** 2).mean()
    assert method.loss(unit(digits.x))["loss"].item() == pytest.approx(best, rel=1e-4)


def test_ica_finds_sources_that_were_planted():
    rng = np.random.default_rng(0)
    sources = rng.uniform(-1, 1, (2000, 3)) ** 3  # far from Gaussian, and independent
    x = 0.5 + 0.15 * sources @ rng.uniform(-1, 1, (3, 16))
    images = torch.from_numpy((255 * x.clip(0, 1)).round().astype(np.uint8)).view(-1, 1, 4, 4)
    split = Split(images, torch.zeros(2000, dtype=torch.long), ("a",), "planted")
    found = learned("ica", {"components": 3}, split)[0].embed(unit(images)).numpy()
    cosines = np.abs(np.corrcoef(found.T, sources.T)[:3, 3:])
    assert (cosines.max(0) > 0.98).all(), cosines
    assert sorted(cosines.argmax(0)) == [0, 1, 2]


def test_ica_of_more_directions_than_the_images_have_stays_finite(digits):
    method, _ = learned("ica", {"components": 64, "iterations": 20}, digits)  # some pixels of digits never change
    z = method.embed(unit(digits.x))
    assert z.abs().max() < 100
    silent = (z == 0).all(0)
    assert 0 < silent.sum() < 20
    assert z[:, ~silent].var(0).numpy() == pytest.approx(np.ones(int((~silent).sum())), rel=0.02)
    assert method.loss(unit(digits.x))["loss"] < 1e-4


def test_a_sparse_code_meets_the_condition_of_its_optimum(digits):
    alpha = 0.2
    method, _ = learned("dictionary", {"atoms": 40, "alpha": alpha, "passes": 5, "steps": 1000}, digits)
    x = unit(digits.x[:50])
    z = method.embed(x)
    pull = (x.flatten(1) - method.mean - z @ method.atoms) @ method.atoms.T  # of the error, on each atom
    on = z.abs() > 1e-4
    assert 0.02 < on.float().mean() < 0.9
    assert (pull - alpha * z.sign())[on].abs().max() < 2e-3
    assert pull[~on].abs().max() < alpha + 2e-3


def test_a_sparse_code_costs_less_than_none_and_than_least_squares(digits):
    method, _ = learned("dictionary", {"atoms": 40, "alpha": 0.2, "passes": 5}, digits)
    x = unit(digits.x[:50])
    target = x.flatten(1) - method.mean

    def cost(z):
        return (0.5 * (target - z @ method.atoms).square().sum(1) + 0.2 * z.abs().sum(1)).mean()

    z = method.embed(x)
    rivals = [torch.zeros_like(z), target @ torch.linalg.pinv(method.atoms), z + 0.05, 0.9 * z, 1.1 * z]
    assert all(cost(z) < cost(rival) for rival in rivals)


def test_the_sparse_code_can_be_differentiated(digits):
    method, _ = learned("dictionary", {"atoms": 10, "passes": 2}, digits)
    x = unit(digits.x[:3]).requires_grad_()
    method.embed(x).square().sum().backward()
    assert x.grad.abs().sum() > 0


def test_the_centres_are_scikit_learns(digits):
    from sklearn.cluster import MiniBatchKMeans

    method, steps = learned("kmeans", {"centres": 12}, digits, seed=5)
    x, seed = flat_sample(digits, address(5, "solve"))
    theirs = MiniBatchKMeans(12, n_init=3, random_state=seed).fit(x)
    np.testing.assert_allclose(method.centres.numpy(), theirs.cluster_centers_, rtol=1e-5, atol=1e-6)
    images = unit(digits.x)
    assert (method.embed(images).argmax(1).numpy() == theirs.predict(images.flatten(1).numpy())).mean() > 0.99
    near = theirs.transform(images.flatten(1).numpy()).min(1)
    assert method.loss(images)["loss"].item() == pytest.approx((near**2).mean() / 64, rel=1e-4)
    assert len(steps) == 1


def test_the_triangle_code_is_that_of_the_paper(digits):
    method, _ = made("kmeans", {"centres": 5}, digits)
    x = unit(digits.x[:4])
    for image, code in zip(x.flatten(1).numpy(), method.embed(x).numpy(), strict=True):
        z = [np.linalg.norm(image - centre) for centre in method.centres.numpy()]
        assert code == pytest.approx([max(0, np.mean(z) - one) for one in z], abs=1e-5)


def test_a_fit_sees_at_most_ten_thousand_images():
    split = Split(torch.zeros(10_050, 1, 2, 2, dtype=torch.uint8), torch.zeros(10_050), ("a",), "many")
    assert flat_sample(split, address(0))[0].shape == (10_000, 4)
    assert flat_sample(split, address(0))[1] == flat_sample(split, address(0))[1] != flat_sample(split, address(1))[1]


@pytest.mark.parametrize(("name", "knob"), CLASSICAL.items())
def test_more_components_than_images_are_refused_with_the_nearest_value(name, knob):
    cfg, few = METHODS[name].training({}), DataSpec("few", 1, 8, ("a",), 20)
    with pytest.raises(Refused, match=rf"{name} cannot find 32 {knob} in 20 images: choose {knob} 20"):
        fresh(name, {knob: 32}, cfg, few)
    fresh(name, {knob: 20}, cfg, few)
    fresh(name, {knob: 32}, cfg, few._replace(rows=0))  # not known yet


@pytest.mark.parametrize("name", ["pca", "ica"])
def test_more_components_than_pixels_are_refused_with_the_nearest_value(name):
    spec, cfg = DataSpec("small", 1, 2, ("a",), 20), METHODS[name].training({"encoder": "mlp"})
    with pytest.raises(Refused, match="cannot find 8 components in images of 4 numbers: choose components 4 or less"):
        fresh(name, {"components": 8}, cfg, spec)
    assert fresh(name, {"components": 4}, cfg, spec).mean.shape == (4,)


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_fit_leaves_better_codes_than_it_found(name, digits):
    method, cfg = made(name, {}, digits)
    before = method.loss(unit(digits.x))["loss"]
    [step] = Fit(method, digits, cfg)
    after = method.loss(unit(digits.x))["loss"]
    assert after < 0.7 * before
    assert step.out["loss"].item() == pytest.approx(after.item(), rel=0.2)


def test_a_method_without_players_makes_a_finished_run(answer):
    made = answer("train", "pca", "digits", "--foreground", "--threads", "1", "--components", "8")
    run = runs.get(made["run"])
    assert (made["state"], run.status.step) == ("done", 1)
    assert made["scores"]["knn"] > 0.8
    assert made["scores"]["dim"] == 8
    losses = [row["val_loss"] for row in run.metrics() if "val_loss" in row]
    assert len(losses) == 1
    assert run.frames() == [0, 1]


def test_too_many_components_for_a_subset_are_refused_in_one_sentence(capsys):
    assert main(["train", "pca", "digits", "--foreground", "--json", "--subset", "20"]) != 0
    said = capsys.readouterr()
    assert "choose components 20" in said.out + said.err
