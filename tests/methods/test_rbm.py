"""The restricted Boltzmann machine: its gradient, and that it comes to draw its images."""

import pytest
import torch

from explorer.core import generator, unit
from tests.methods.coding_cases import learned, made


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
