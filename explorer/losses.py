"""Losses as pure functions, one per equation. Unless said otherwise they return nats, averaged over the batch."""

import torch
import torch.nn.functional as F
from torch import Tensor


def nt_xent(z1: Tensor, z2: Tensor, temperature: float = 0.5) -> Tensor:
    """Normalised temperature-scaled cross entropy, SimCLR eq. 1 (arXiv:2002.05709).

    z1, z2: `[N, D]`, two views of the same N images. Each of the 2N views must find its partner among the 2N-1 others;
    with nothing learned that costs ln(2N-1).
    """
    n = len(z1)
    z = F.normalize(torch.cat([z1, z2]).float(), dim=1)  # [2N, D]
    with torch.autocast(z.device.type, enabled=False):  # bfloat16 is too coarse for cosines
        similarity = z @ z.T / temperature  # [2N, 2N]
    similarity = similarity.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=z.device), float("-inf"))
    partner = torch.arange(2 * n, device=z.device).roll(n)
    return F.cross_entropy(similarity, partner)


def info_nce(q: Tensor, k: Tensor, negatives: Tensor, temperature: float = 0.07) -> Tensor:
    """InfoNCE with a dictionary, MoCo eq. 1 (arXiv:1911.05722).

    q, k: `[N, D]`, queries and their keys; negatives: `[K, D]`, keys of other images; all of unit length. With nothing
    learned it costs ln(K+1).
    """
    with torch.autocast(q.device.type, enabled=False):  # bfloat16 is too coarse for cosines
        q, k, negatives = q.float(), k.float(), negatives.float()
        positive = (q * k).sum(1, keepdim=True)  # [N, 1]
        logits = torch.cat([positive, q @ negatives.T], dim=1) / temperature  # [N, 1 + K]
    return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long, device=q.device))


def pixel_bce(logits: Tensor, x: Tensor) -> Tensor:
    """Binary cross entropy of pixels in [0, 1] given the logits of their reconstruction, nats per pixel."""
    return F.binary_cross_entropy_with_logits(logits, x)


def pixel_entropy(x: Tensor) -> Tensor:
    """The floor of `pixel_bce`, nats per pixel: grey values are no certainties, so even a perfect copy pays this."""
    x = x.double()
    return (torch.special.entr(x) + torch.special.entr(1 - x)).mean()
