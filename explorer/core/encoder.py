"""The encoder: the network whose output is the representation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Protocol

import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core.registry import ENCODERS


class Encoder(nn.Module, ABC):
    """The network whose output is the representation: `[B, C, H, W]` in [0, 1] to `[B, out_dim]`."""

    channels: int  # of the feature map
    pooling: int = 1  # a side of the grid of means that the feature map becomes
    min_size: ClassVar[int] = 8
    any_size: ClassVar[bool] = True  # False: it takes images of one size, and its feature map has one place

    @property
    def out_dim(self) -> int:
        """Numbers of the representation."""
        return self.channels * self.pooling**2

    @abstractmethod
    def feature_map(self, x: Tensor) -> Tensor:
        """The last features that still have a place: `[B, channels, h, w]`."""

    def forward(self, x: Tensor) -> Tensor:
        """The representation `[B, out_dim]`: the feature map averaged over all places, or over each part of a grid.

        The mean is taken over the channels-last view: its gradient is then channels-last, as the layers before want it.
        """
        features = self.feature_map(x)
        if self.pooling == 1:
            return features.permute(0, 2, 3, 1).mean((1, 2))
        return F.adaptive_avg_pool2d(features, self.pooling).flatten(1)

    def embed(self, x: Tensor) -> Tensor:
        """The same under the name that everything with an embedding has."""
        return self(x)

    def admit(self, x: Tensor) -> Tensor:
        """Parts of images `[B, C, h, w]` at a size that this network takes: as they are, or enlarged to its least."""
        least = self.min_size
        return x if x.shape[-1] >= least else F.interpolate(x, [least, least], mode="bilinear", antialias=True)


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
