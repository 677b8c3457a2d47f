"""The encoder: the network whose output is the representation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.registry import ENCODERS


class Encoder(nn.Module, ABC):
    """The network that learns to see: images `[B, C, H, W]` in [0, 1] to features `[B, out_dim]`, which heads get.

    The representation may keep more of where things are: `embed`.
    """

    out_dim: int
    pooling: int = 1  # the feature map becomes pooling x pooling means in the representation
    min_size: ClassVar[int] = 8
    any_size: ClassVar[bool] = True  # False: it takes images of one size, and its feature map has one place

    @property
    def dim(self) -> int:
        """Numbers of the representation."""
        return self.out_dim * self.pooling**2

    @abstractmethod
    def feature_map(self, x: Tensor) -> Tensor:
        """The last features that still have a place: `[B, C, h, w]`."""

    def forward(self, x: Tensor) -> Tensor:
        """The features `[B, out_dim]`: the feature map averaged over all places."""
        return mean_over_places(self.feature_map(x))

    def embed(self, x: Tensor) -> Tensor:
        """The representation `[B, dim]`: the feature map averaged over each part of a grid."""
        return self.pooled(self.feature_map(x))

    def pooled(self, features: Tensor) -> Tensor:
        """`[B, D, h, w]` to `[B, D * pooling * pooling]`."""
        if self.pooling == 1:
            return mean_over_places(features)
        return F.adaptive_avg_pool2d(features, self.pooling).flatten(1)

    def admit(self, x: Tensor) -> Tensor:
        """Parts of images `[B, C, h, w]` at a size that this network takes: as they are, or enlarged to its least."""
        least = self.min_size
        return x if x.shape[-1] >= least else F.interpolate(x, [least, least], mode="bilinear", antialias=True)


def blocks(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """The parts of a network from input to output, by name: each is frozen or trained as a whole.

    A network that knows better has a method `blocks`. Else they are its children in the order in which they were made,
    and those of a sequence in its place; what has no parameters is left out.
    """
    if callable(getattr(type(network), "blocks", None)):
        return network.blocks()
    parts: list[tuple[str, nn.Module]] = []
    for name, child in network.named_children():
        inside = child.named_children() if isinstance(child, nn.Sequential | nn.ModuleList) else [("", child)]
        parts += [(f"{name}.{at}" if at else name, part) for at, part in inside]
    return [(name, part) for name, part in parts if any(True for _ in part.parameters())]


def mean_over_places(features: Tensor) -> Tensor:
    """`[B, D, h, w]` to `[B, D]`.

    The mean is taken over the channels-last view: its gradient is then channels-last, as the layers before want it.
    """
    return features.permute(0, 2, 3, 1).mean((1, 2))


def encoder(cls: type[Encoder]) -> type[Encoder]:
    """Register an encoder under its class's name in lower case."""
    ENCODERS.add(cls.__name__.lower(), cls)
    return cls


class Build(Protocol):
    """Gives a method the encoder that its user chose."""

    def __call__(self, channels: int | None = None, hidden: int | None = None, share: float = 1.0) -> Encoder:
        """A fresh encoder for images of `channels`; `hidden` is the width of an `mlp`'s hidden layers.

        `share` multiplies the width that the user chose: a network of two halves builds each with 0.5.
        """
