"""The kinds of data that a network can learn from, and how each becomes the numbers that a network is given."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Modality(NamedTuple):
    """One kind of data. `numbers` makes of stored rows what a network is given."""

    axes: tuple[str, ...]  # what the axes of one row are
    numbers: Callable[[Tensor], Tensor]


def unit(x: Tensor) -> Tensor:
    """`uint8` pixels as numbers in [0, 1]."""
    return x.float().div_(255)


def pixels(x: Tensor) -> Tensor:
    """Numbers in [0, 1] as `uint8` pixels."""
    return x.detach().clamp(0, 1).mul(255).round().to(torch.uint8)


def waveform(x: Tensor) -> Tensor:
    """`int16` samples of sound as numbers in [-1, 1)."""
    return x.float().div_(2**15)


MODALITIES = {
    "image": Modality(("channels", "height", "width"), unit),
    "text": Modality(("words",), Tensor.long),
    "audio": Modality(("channels", "samples"), waveform),
    "vector": Modality(("numbers",), Tensor.float),
    "video": Modality(("frames", "channels", "height", "width"), unit),
}
