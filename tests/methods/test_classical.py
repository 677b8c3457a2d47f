"""Classical codes: each is what its paper says, by a slow definition or a known answer."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import Refused, runs
from explorer.__main__ import main
from explorer.core import DataSpec, Split, generator, unit
from explorer.methods import METHODS
from explorer.models.build import fresh
from explorer.nn import flat_sample
from explorer.train import Fit
from tests.methods.coding_cases import flat, learned, made

CLASSICAL = {"pca": "components", "ica": "components", "dictionary": "atoms", "kmeans": "centres"}


@pytest.mark.parametrize("k", [1, 3])
def test_the_gradient_of_an_rbm_is_contrastive_divergence(k, digits):
    method, _ = made("rbm", {"hidden": 9, "k": k}, digits)
    with torch.no_grad():
        method.weight.mul_(30)
    views = method.views(digits.batch(torch.arange(50)), generator(0))
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
    x, seed = flat_sample(digits, generator(5, "solve"))
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
