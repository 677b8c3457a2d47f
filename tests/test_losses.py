"""Losses against slow definitions and known values."""

import math

import pytest
import torch
from torch.nn.functional import cosine_similarity

from explorer.losses import info_nce, nt_xent, pixel_bce, pixel_entropy


def slow_nt_xent(z1: torch.Tensor, z2: torch.Tensor, temperature: float) -> float:
    """Equation 1 of the paper, term by term."""
    z, n = torch.cat([z1, z2]), len(z1)
    total = 0.0
    for i in range(2 * n):
        j = (i + n) % (2 * n)
        terms = [math.exp(cosine_similarity(z[i], z[k], dim=0) / temperature) for k in range(2 * n) if k != i]
        total -= math.log(math.exp(cosine_similarity(z[i], z[j], dim=0) / temperature) / sum(terms))
    return total / (2 * n)


@pytest.mark.parametrize("n", [1, 2, 5])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0])
def test_nt_xent_is_equation_1(n, temperature):
    z1, z2 = torch.randn(2, n, 7, generator=torch.Generator().manual_seed(n))
    assert nt_xent(z1, z2, temperature).item() == pytest.approx(slow_nt_xent(z1, z2, temperature), abs=1e-5)


def test_nt_xent_of_equal_embeddings_is_chance():
    z = torch.ones(8, 3)
    assert nt_xent(z, z).item() == pytest.approx(math.log(15), abs=1e-6)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (3, 8), (5, 2)])
@pytest.mark.parametrize("temperature", [0.07, 0.5, 1.0])
def test_info_nce_is_equation_1_of_moco(n, k, temperature):
    draw = torch.Generator().manual_seed(n)
    q, key, negatives = (torch.nn.functional.normalize(torch.randn(m, 7, generator=draw), dim=1) for m in (n, n, k))
    slow = 0.0
    for i in range(n):
        right = math.exp(float(q[i] @ key[i]) / temperature)
        wrong = sum(math.exp(float(q[i] @ negative) / temperature) for negative in negatives)
        slow -= math.log(right / (right + wrong)) / n
    assert info_nce(q, key, negatives, temperature).item() == pytest.approx(slow, abs=1e-5)


def test_info_nce_of_equal_embeddings_is_chance():
    same = torch.nn.functional.normalize(torch.ones(9, 4), dim=1)
    assert info_nce(same[:1], same[:1], same).item() == pytest.approx(math.log(10), abs=1e-6)


def test_nt_xent_knows_no_lengths_and_no_order():
    z1, z2 = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
    shuffled = torch.tensor([3, 1, 0, 5, 2, 4])
    assert nt_xent(3 * z1, z2).item() == pytest.approx(nt_xent(z1, z2).item(), abs=1e-6)
    assert nt_xent(z1[shuffled], z2[shuffled]).item() == pytest.approx(nt_xent(z1, z2).item(), abs=1e-6)


def test_pixel_bce_is_the_definition_and_never_below_the_entropy():
    x = torch.rand(4, 1, 5, 5, generator=torch.Generator().manual_seed(0)).clamp(0.01, 0.99)
    p = torch.tensor(0.3)
    by_hand = -(x * p.log() + (1 - x) * (1 - p).log()).mean()
    assert pixel_bce(torch.full_like(x, math.log(0.3 / 0.7)), x).item() == pytest.approx(by_hand.item(), abs=1e-6)
    assert pixel_bce(torch.logit(x), x).item() == pytest.approx(pixel_entropy(x).item(), abs=1e-6)


def test_black_and_white_pixels_have_no_entropy():
    assert pixel_entropy(torch.tensor([0.0, 1.0, 1.0])).item() == pytest.approx(0, abs=1e-9)


def test_nt_xent_is_as_exact_under_autocast():
    z1, z2 = torch.randn(2, 16, 32, generator=torch.Generator().manual_seed(0))
    z2 = z1 + 0.1 * z2
    with torch.autocast("cpu", torch.bfloat16):
        assert nt_xent(z1, z2, 0.1).item() == pytest.approx(slow_nt_xent(z1, z2, 0.1), abs=1e-5)
