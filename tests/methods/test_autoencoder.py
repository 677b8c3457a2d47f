"""The autoencoder: a linear one is PCA, and the lecture's has its layers."""

import numpy as np
import pytest
import torch

from explorer import Refused, runs
from explorer.core import DataSpec, unit
from explorer.methods import METHODS
from explorer.models.build import fresh
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


def test_the_lectures_autoencoder_has_its_layers():
    spec = DataSpec.image("fashion_mnist", 1, 28, tuple("abcdefghij"), 60_000)
    cfg = METHODS["autoencoder"].training({})
    method = fresh("autoencoder", {"hidden": 128, "latent": 10}, cfg, spec)
    shapes = [tuple(p.shape) for name, p in method.named_parameters() if name.endswith("weight")]
    assert shapes == [(128, 784), (128, 128), (10, 128), (128, 10), (128, 128), (784, 128)]
    assert (cfg.epochs, cfg.batch, cfg.optimizer, cfg.lr) == (5, 128, "adam", 1e-3)
