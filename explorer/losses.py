"""Losses as pure functions, one per equation. Unless said otherwise they return nats, averaged over the batch.

Cosines and softmaxes are computed in float32 at least: bfloat16 is too coarse for them.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def to_float32(*tensors: Tensor) -> list[Tensor]:
    """The tensors in float32 at least; float64 stays."""
    return [x.float() if x.dtype in (torch.float16, torch.bfloat16) else x for x in tensors]


# --------------------------------------------------------------------------------------------- contrast


def nt_xent(z1: Tensor, z2: Tensor, temperature: float = 0.5) -> Tensor:
    """Normalised temperature-scaled cross entropy, SimCLR eq. 1 (arXiv:2002.05709).

    z1, z2: `[N, D]`, two views of the same N images. Each of the 2N views must find its partner among the 2N-1 others;
    with nothing learned that costs ln(2N-1).
    """
    n = len(z1)
    z1, z2 = to_float32(z1, z2)
    z = F.normalize(torch.cat([z1, z2]), dim=1)  # [2N, D]
    with torch.autocast(z.device.type, enabled=False):
        similarity = z @ z.T / temperature  # [2N, 2N]
    similarity = similarity.masked_fill(torch.eye(2 * n, dtype=torch.bool, device=z.device), float("-inf"))
    partner = torch.arange(2 * n, device=z.device).roll(n)
    return F.cross_entropy(similarity, partner)


def info_nce(q: Tensor, k: Tensor, negatives: Tensor, temperature: float = 0.07) -> Tensor:
    """InfoNCE with a dictionary, MoCo eq. 1 (arXiv:1911.05722).

    q, k: `[N, D]`, queries and their keys; negatives: `[K, D]`, keys of other images; all of unit length. With nothing
    learned it costs ln(K+1).
    """
    q, k, negatives = to_float32(q, k, negatives)
    with torch.autocast(q.device.type, enabled=False):
        positive = (q * k).sum(1, keepdim=True)  # [N, 1]
        logits = torch.cat([positive, q @ negatives.T], dim=1) / temperature  # [N, 1 + K]
    return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long, device=q.device))


def info_nce_in_batch(q: Tensor, k: Tensor, temperature: float = 1.0) -> Tensor:
    """InfoNCE within the batch, CPC eq. 4 (arXiv:1807.03748): query i must find key i among all keys.

    q, k: `[N, D]`. With nothing learned it costs ln(N).
    """
    q, k = to_float32(q, k)
    with torch.autocast(q.device.type, enabled=False):
        logits = q @ k.T / temperature  # [N, N]
    return F.cross_entropy(logits, torch.arange(len(q), device=q.device))


# ------------------------------------------------------------------------------- agreement without negatives


def byol_regression(p: Tensor, z: Tensor) -> Tensor:
    """Squared distance of the directions of prediction and target, BYOL eq. 2 (arXiv:2006.07733): 2 - 2 cos(p, z).

    p, z: `[N, D]`. No unit: 0 where they agree, 2 where they have nothing to do with each other, 4 at worst.
    """
    p, z = to_float32(p, z)
    return (2 - 2 * F.cosine_similarity(p, z, dim=1)).mean()


@torch.no_grad()
def sinkhorn(scores: Tensor, eps: float = 0.05, iterations: int = 3) -> Tensor:
    """Soft assignments `[N, K]` that use all prototypes equally, SwAV eq. 3 and appendix A.1 (arXiv:2006.09882).

    scores: `[N, K]`, images by prototypes. Rows and columns of exp(scores / eps) are scaled in turn, in logarithms, so
    that nothing overflows; each row of the answer sums to 1.
    """
    n, k = scores.shape
    log_q = to_float32(scores)[0] / eps
    for _ in range(iterations):
        log_q = log_q - log_q.logsumexp(0, keepdim=True) + math.log(n / k)  # prototypes share the images
        log_q = log_q - log_q.logsumexp(1, keepdim=True)  # an image is given away once
    return log_q.softmax(1)


def soft_cross_entropy(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """Cross entropy with soft targets: -sum_k target_k log softmax(logits)_k; both `[N, K]`, or `[N, K, h, w]`.

    weight: `[N]`, or `[N, h, w]`: how much each row or place counts, 1 on average. Uniform logits: ln(K).
    """
    logits, target = to_float32(logits, target)
    costs = -(target * logits.log_softmax(1)).sum(1)
    return (costs if weight is None else weight * costs).mean()


# ----------------------------------------------------------------------------------------- reconstruction


def pixel_bce(logits: Tensor, x: Tensor) -> Tensor:
    """Binary cross entropy of pixels in [0, 1] given the logits of their reconstruction, nats per pixel."""
    logits, x = to_float32(logits, x)
    return F.binary_cross_entropy_with_logits(logits, x)


def pixel_entropy(x: Tensor) -> Tensor:
    """The floor of `pixel_bce`, nats per pixel: grey values are no certainties, so even a perfect copy pays this.

    Pixels of 8 bits are counted first, since all of one level have one entropy; else each pixel is looked at.
    """
    levels, n = (x * 255).round(), x.numel()
    counts: Tensor | int = 1
    if torch.equal(levels / 255, x):
        counts = torch.bincount(levels.to(torch.uint8).flatten(), minlength=256)
        x = torch.arange(256, device=x.device, dtype=x.dtype) / 255
    x = x.double()
    return (counts * (torch.special.entr(x) + torch.special.entr(1 - x))).sum() / n


def pixel_error(logits: Tensor, x: Tensor, kind: str) -> Tensor:
    """What a drawing costs per pixel: `bce` in nats, or `mse`, the squared error of its grey values."""
    if kind == "bce":
        return pixel_bce(logits, x)
    logits, x = to_float32(logits, x)
    return F.mse_loss(logits.sigmoid(), x)


def gaussian_kl_by_dimension(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, exp logvar) || N(0, 1)) of each number of the code, `[D]`, mean over the batch.

    Kingma and Welling 2013, appendix B (arXiv:1312.6114). mu, logvar: `[N, D]`.
    """
    mu, logvar = to_float32(mu, logvar)
    return (0.5 * (mu.square() + logvar.exp() - 1 - logvar)).mean(0)


def gaussian_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """The same summed over the numbers of the code: nats per image."""
    return gaussian_kl_by_dimension(mu, logvar).sum()


def bernoulli_kl(rate: float, activity: Tensor) -> Tensor:
    """Sum over units of KL(rate || mean activity), the sparsity penalty of Ng's lecture notes (CS294A, section 3).

    activity: `[N, D]` in (0, 1); rate: how often a unit shall be on; 0 and 1 are allowed.
    """
    (activity,) = to_float32(activity)
    mean = activity.mean(0).clamp(1e-6, 1 - 1e-6)
    on, off = torch.full_like(mean, rate), torch.full_like(mean, 1 - rate)
    entropy = -torch.xlogy(on, on) - torch.xlogy(off, off)
    return (-torch.xlogy(on, mean) - torch.xlogy(off, 1 - mean) - entropy).sum()


# ---------------------------------------------------------------------------------------------- counting


def counting(whole: Tensor, parts: Tensor, other: Tensor, margin: float) -> Tensor:
    """Counts of the tiles add up to those of the image, and not to another's; Noroozi 2017 eq. 5 (arXiv:1708.06734).

    whole, other: `[N, D]`; parts: `[N, 4, D]`. No unit: squared counts. A network that answers 0 pays the margin.
    """
    whole, parts, other = to_float32(whole, parts, other)
    total = parts.sum(1)
    apart = (other - total).square().sum(1)
    return ((whole - total).square().sum(1) + (margin - apart).clamp(min=0)).mean()
