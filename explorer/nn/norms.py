"""Batch norm over the whole batch where several ranks share it (torch's SyncBatchNorm knows GPUs only), and without."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm  # what all of them are, shared or not

from explorer.core.distributed import joined

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


class SharedBatchNorm(_BatchNorm):
    """Mean and variance of the rows of all ranks; exactly torch's batch norm where there is one rank, or no training.

    Every rank has equally many rows, so the mean of the batch is the mean of their means, and its variance the mean of
    their variances and the variance of their means. That is exact, and loses no digits as sums of squares do.
    """

    def forward(self, x: Tensor) -> Tensor:
        """`[B, C, …]`, normalised per channel; the gradient goes through the statistics of all ranks."""
        ranks = joined()
        if ranks.world == 1 or not self.training:
            return super().forward(x)
        parts = torch.stack(torch.var_mean(x.float(), [0, *range(2, x.ndim)], correction=0))  # [2, C]
        variances, means = ranks.gather(parts[None]).unbind(1)  # [ranks, C]
        mean, var = means.mean(0), variances.mean(0) + means.var(0, correction=0)
        self.remember(mean.detach(), var.detach(), x.numel() // x.shape[1] * ranks.world)
        scale = (var + self.eps).rsqrt()
        scale = scale if self.weight is None else scale * self.weight
        shift = -mean * scale if self.bias is None else self.bias - mean * scale
        place = (1, -1, *[1] * (x.ndim - 2))
        return torch.addcmul(shift.view(place), x, scale.view(place)).to(x.dtype)

    @torch.no_grad()
    def remember(self, mean: Tensor, var: Tensor, n: int) -> None:
        """Move the running statistics, of an unbiased variance, towards those of `n` numbers per channel."""
        if self.running_mean is None:
            return
        self.num_batches_tracked += 1
        share = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(var * n / max(1, n - 1), share)

    def _check_input_dim(self, x: Tensor) -> None:
        """Any number of places: this class stands in for three of torch's."""


def has_batch_norm(network: nn.Module) -> bool:
    """Whether a layer of it remembers statistics of what it has seen."""
    return bool(batch_norms(network))


def share_norms(network: nn.Module) -> None:
    """Let the batch norms of a network see the rows of all ranks.

    Only their class changes: weights, statistics and names stay, and so does every reference to the layer.
    """
    for layer in network.modules():
        if type(layer) in NORMS:
            layer.__class__ = SharedBatchNorm


def layer_normed(network: nn.Module) -> nn.Module:
    """The network with layer norms in place of its batch norms: no image can tell what else is in its batch.

    Over channels and places of each image together, as CPC v2 does (arXiv:1905.09272, section 3.1).
    """
    for name, layer in network.named_children():
        if isinstance(layer, _BatchNorm):
            setattr(network, name, nn.GroupNorm(1, layer.num_features))
        else:
            layer_normed(layer)
    return network


@torch.no_grad()
def recalibrate_batch_norm(
    network: nn.Module, batches: Iterable[Tensor], see: Callable[[Tensor], object] | None = None
) -> None:
    """Give batch norms the mean statistics of these batches, equally large ones; nothing is learned.

    `see` shows the network a batch, where calling it does not. A fresh network has the statistics of no image (mean 0,
    variance 1), so that even a training without any other effect changes it.
    """
    learning = network.training
    try:
        with remembered_anew(batch_norms(network)):
            for x in batches:
                network.train()
                (see or network)(x)
    finally:
        network.train(learning)


def batch_norms(network: nn.Module) -> list[nn.Module]:
    """Its layers that remember statistics of what they have seen."""
    return [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]


@contextmanager
def remembered_anew(norms: Sequence[nn.Module]) -> Iterator[None]:
    """Within this block these batch norms forget, and then remember the mean statistics of all batches they see."""
    before = [layer.momentum for layer in norms]
    for layer in norms:
        layer.reset_running_stats()
        layer.momentum = None  # the mean over all batches
    try:
        yield
    finally:
        for layer, momentum in zip(norms, before, strict=True):
            layer.momentum = momentum


@contextmanager
def unremembered(network: nn.Module) -> Iterator[None]:
    """Within this block batch norms use the statistics of their batch, in evaluation too, and keep none of them.

    For parts of images, which are no whole images: neither may speak for the other.
    """
    norms = batch_norms(network)
    before = [(layer.momentum, layer.training) for layer in norms]
    for layer in norms:
        layer.momentum, layer.training = 0.0, True
    try:
        yield
    finally:
        for layer, state in zip(norms, before, strict=True):
            layer.momentum, layer.training = state
