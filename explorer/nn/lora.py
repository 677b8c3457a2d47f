"""Low-rank adaptation, Hu et al. 2021, arXiv:2106.09685: W stays, and what is learned is added to it, W + B A.

A weight `[out, in]` gets A `[r, in]`, Gaussian, and B `[out, r]`, zero: the network begins as it was. A convolution
`[out, in, k, k]` counts as the matrix `[out, in * k * k]`; the queries, keys and values of an attention that keeps them
in one matrix are adapted as that one. Biases and norms stay as they are.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d)


class LowRank(nn.Module):
    """Adds the product of two thin matrices to a weight: r (in + out) numbers to learn in place of in * out."""

    def __init__(self, weight: Tensor, rank: int) -> None:
        super().__init__()
        d_out, d_in = weight.shape[0], weight[0].numel()
        rank = min(rank, d_in, d_out)
        self.a = nn.Parameter(torch.randn(rank, d_in, device=weight.device) / d_in**0.5)
        self.b = nn.Parameter(torch.zeros(d_out, rank, device=weight.device))

    def forward(self, weight: Tensor) -> Tensor:
        """W + B A in the shape of W."""
        return weight + (self.b @ self.a).view(weight.shape)


def adapt(network: nn.Module, rank: int) -> int:
    """Freezes the network and gives each of its weight matrices an adapter; returns how many matrices that are."""
    network.requires_grad_(False)
    found = list(matrices(network))
    for layer, name in found:
        parametrize.register_parametrization(layer, name, LowRank(getattr(layer, name), rank))
    return len(found)


def merge(network: nn.Module) -> None:
    """Makes W + B A the weight itself: the same function, with the layers and the cost that it had before."""
    for layer in list(network.modules()):
        for name in list(getattr(layer, "parametrizations", {})):
            parametrize.remove_parametrizations(layer, name, leave_parametrized=True)


def matrices(network: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    """Each weight matrix of a network: its layer, and its name there."""
    for layer in network.modules():
        if isinstance(layer, LAYERS):
            yield layer, "weight"
        elif isinstance(layer, nn.MultiheadAttention):
            names = ("in_proj_weight", "q_proj_weight", "k_proj_weight", "v_proj_weight")
            yield from ((layer, name) for name in names if getattr(layer, name, None) is not None)
