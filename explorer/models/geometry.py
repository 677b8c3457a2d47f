"""Rows of a data set as a network wants them: images of any size and colour brought to its own."""

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.augment import GREY
from explorer.core import DataSpec


def network_input(x: Tensor, spec: DataSpec) -> Tensor:
    """Stored rows `[N, ...]` as numbers for a network that was made for `spec`; images of any size and colour fit."""
    numbers = spec.numbers(x)
    return fit_geometry(numbers, spec.channels, spec.size) if spec.modality == "image" else numbers


def fit_geometry(x: Tensor, channels: int, size: int) -> Tensor:
    """Images `[N, C, H, W]` in [0, 1] as a network wants them: shorter side to size, centre crop, grey or colour."""
    if x.shape[1] != channels:
        x = (
            torch.einsum("nchw,c->nhw", x, torch.tensor(GREY).to(x))[:, None]
            if channels == 1
            else x.expand(-1, 3, -1, -1)
        )
    height, width = x.shape[2:]
    if min(height, width) != size:
        scale = size / min(height, width)
        x = F.interpolate(x, [round(height * scale), round(width * scale)], mode="bilinear", antialias=True)
    top, left = (x.shape[2] - size) // 2, (x.shape[3] - size) // 2
    return x[:, :, top : top + size, left : left + size]
