"""Decoders: from a code, or from a map of features, back to an image."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core import DataSpec
from explorer.nn.heads import mlp

WIDEST = 64  # channels that a painter begins with


class Decoder(nn.Sequential):
    """Two hidden layers from a code to the logits of every pixel, the mirror of an `mlp` encoder.

    With `hidden` 0 there are none: one linear layer, in which every number of the code has a picture of its own.
    """

    def __init__(self, latent: int, hidden: int, spec: DataSpec) -> None:
        self.shape = (spec.channels, spec.size, spec.size)
        super().__init__(*mlp(latent, *[hidden, hidden] * bool(hidden), math.prod(self.shape)))

    def forward(self, z: Tensor) -> Tensor:
        """The logits `[B, C, H, W]` of a reconstruction from codes `[B, latent]`; their sigmoid is the image."""
        return super().forward(z).unflatten(1, self.shape)


class Painter(nn.Module):
    """From a map of features to a larger map: as often as needed doubled and convolved, then brought to the size."""

    def __init__(self, features: int, side: int, channels: int, size: int) -> None:
        super().__init__()
        doublings = max(0, math.ceil(math.log2(size / side)))
        widths = [max(16, WIDEST // 2**i) for i in range(doublings + 1)]  # all steps cost about the same
        self.first = nn.Conv2d(features, widths[0], 1)
        self.steps = nn.ModuleList(nn.Conv2d(a, b, 3, 1, 1) for a, b in pairwise(widths))
        self.last = nn.Conv2d(widths[-1], channels, 3, 1, 1)
        self.size = size

    def forward(self, features: Tensor) -> Tensor:
        """`[B, features, side, side]` to `[B, channels, size, size]`, without bounds."""
        features = torch.relu(self.first(features))
        for step in self.steps:
            features = torch.relu(step(F.interpolate(features, scale_factor=2.0)))
        if features.shape[-1] != self.size:
            features = F.interpolate(features, [self.size, self.size], mode="bilinear", antialias=True)
        return self.last(features)
