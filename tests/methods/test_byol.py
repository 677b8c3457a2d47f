"""BYOL: a target that no gradient reaches, and what stands in its way."""

import math

import pytest
import torch
from torch import nn

from explorer.core import generator
from tests.methods.contrastive_cases import gradients, made


def test_no_gradient_reaches_the_target_of_byol(batch):
    method = made("byol")
    method.loss(**method.views(batch, generator(1)))["loss"].backward()
    assert not any(gradients(method.target_encoder) + gradients(method.target_head))
    assert all(gradients(method.head) + gradients(method.predictor))


def test_without_stop_gradient_the_target_is_the_online_network_and_learns(batch):
    method = made("byol", stop_gradient=False)
    x = batch.x
    assert method.target(x).requires_grad
    assert torch.equal(method.target(x), method.project(x))


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0])
def test_the_target_of_byol_follows_by_its_schedule(progress, batch):
    method = made("byol", momentum=0.9)
    online, target = (next(network.parameters()) for network in (method.encoder, method.target_encoder))
    before = target.clone()
    with torch.no_grad():
        online.add_(1.0)
    method.after_step({}, batch, progress)
    tau = 1 - (1 - 0.9) * (math.cos(math.pi * progress) + 1) / 2
    torch.testing.assert_close(target, tau * before + (1 - tau) * online)


def test_with_momentum_0_the_target_of_byol_is_a_copy_until_the_end(batch):
    method = made("byol", momentum=0.0)
    with torch.no_grad():
        next(method.encoder.parameters()).add_(1.0)
    method.after_step({}, batch, 0.9)
    assert torch.equal(next(method.target_encoder.parameters()), next(method.encoder.parameters()))


def test_without_the_predictor_byol_compares_the_projections_themselves(batch):
    assert isinstance(made("byol", predictor=False).predictor, nn.Identity)
