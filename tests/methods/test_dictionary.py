"""Sparse coding: the code meets the condition of its optimum."""

import torch

from explorer.core import unit
from tests.methods.coding_cases import learned


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
