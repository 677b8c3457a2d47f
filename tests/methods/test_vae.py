"""The variational autoencoder: its bound, its prior, and where beta breaks it."""

import pytest
import torch

from explorer.core import generator, unit
from explorer.methods import METHODS
from tests.methods.coding_cases import learned, made


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
