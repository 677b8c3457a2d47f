"""The loop: what an epoch sees, and that validation changes nothing."""

import pytest
import torch

from explorer.train import Fit, validate
from tests.methods.contract_cases import made


def test_an_epoch_sees_every_image_once():
    method, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    fit, seen = Fit(method, data, cfg), []
    original = method.sample

    def sample(data, order, n):
        seen.extend(order[:n].tolist())
        return original(data, order, n)

    method.sample = sample
    steps = list(fit)
    assert sorted(seen[:40]) == list(range(40))
    assert seen[:40] != seen[40:]
    assert [step.images for step in steps] == [16, 32, 40, 56, 72, 80]
    assert steps[2].ends_epoch


def test_validation_is_the_same_each_time_and_changes_nothing():
    method, data, cfg = made("simclr", "conv", "colour")
    before = {key: value.clone() for key, value in method.state_dict().items()}
    assert validate(method, data, cfg) == validate(method, data, cfg)
    assert all(torch.equal(value, method.state_dict()[key]) for key, value in before.items())


def test_a_training_computes_with_no_denormal_numbers():
    if not torch.set_flush_denormal(False):
        pytest.skip("this processor cannot flush them")
    tiny = torch.tensor([1e-40])
    assert (tiny * 0.5).item() > 0
    method, data, cfg = made("autoencoder", "mlp", "grey", batch=16)
    next(Fit(method, data, cfg))
    assert (tiny * 0.5).item() == 0
