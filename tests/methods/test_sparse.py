"""The sparse autoencoder: a penalty that makes codes sparser and cannot be escaped."""

import pytest
import torch

from explorer.core import unit
from tests.methods.coding_cases import learned, made


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
