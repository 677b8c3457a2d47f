"""Rows of a data set as a network wants them: images of any size and colour brought to its own."""

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.augment import GREY
from explorer.core import DataSpec


def network_input(x: Tensor, spec: DataSpec) -> Tensor:
    """Stored rows `[N, ...]` as numbers for a network that was made for `spec`; images of any size and colour fit."""
    numbers = spec.numbers(x)
    if spec.modality != "image":
        return numbers
    return fit_geometry(numbers, spec.channels, spec.size, spec.resize, spec.interpolation)


def fit_geometry(x: Tensor, channels: int, size: int, resize: int = 0, interpolation: str = "bilinear") -> Tensor:
    """Images `[N, C, H, W]` in [0, 1] as a network wants them: grey or colour, shorter side to `resize`, centre crop.

    Without `resize` it is `size`. Images that have the size already are taken as they are.
    """
    x = _colours(x, channels)
    height, width = x.shape[2:]
    if height == width == size:
        return x
    side = resize or size
    if min(height, width) != side:
        scale = side / min(height, width)
        shape = [round(height * scale), round(width * scale)]
        x = F.interpolate(x, shape, mode=interpolation, antialias=True)
        x = x.clamp(0, 1) if interpolation == "bicubic" else x  # which overshoots at edges
    top, left = (x.shape[2] - size) // 2, (x.shape[3] - size) // 2
    return x[:, :, top : top + size, left : left + size]


def _colours(x: Tensor, channels: int) -> Tensor:
    if x.shape[1] == channels:
        return x
    if channels == 1:
        return torch.einsum("nchw,c->nhw", x, torch.tensor(GREY).to(x))[:, None]
    return x.expand(-1, channels, -1, -1)
