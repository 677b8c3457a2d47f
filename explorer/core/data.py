"""What images are to a network: splits, batches, pixels, and what a method asks of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor


class DataSpec(NamedTuple):
    """What a network must know about its images before it sees one."""

    name: str
    channels: int
    size: int  # height and width in pixels
    classes: tuple[str, ...]
    rows: int  # of the training subset (memory banks)


@dataclass(frozen=True)
class Split:
    """A whole split on one device."""

    x: Tensor  # [N, C, H, W] uint8
    y: Tensor  # [N] int64
    classes: tuple[str, ...]
    hash: str

    def __len__(self) -> int:
        return len(self.x)

    def spec(self, name: str) -> DataSpec:
        """The shape of these images under the name of their data set."""
        return DataSpec(name, self.x.shape[1], self.x.shape[-1], self.classes, len(self.x))

    def to(self, device: str | torch.device) -> Split:
        """The same split on another device."""
        return replace(self, x=self.x.to(device), y=self.y.to(device))

    def batch(self, rows: Tensor) -> Batch:
        """The images of `rows`, as numbers in [0, 1]."""
        rows = rows.to(self.x.device)
        return Batch(unit(self.x[rows]), self.y[rows], rows)


class Batch(NamedTuple):
    """What one training step sees."""

    x: Tensor  # [B, C, H, W] in [0, 1]
    y: Tensor  # [B]
    index: Tensor  # [B] row in the training subset


def unit(x: Tensor) -> Tensor:
    """`uint8` pixels as numbers in [0, 1]."""
    return x.float().div_(255)


def pixels(x: Tensor) -> Tensor:
    """Numbers in [0, 1] as `uint8` pixels."""
    return x.detach().clamp(0, 1).mul(255).round().to(torch.uint8)


class Needs(NamedTuple):
    """What a method asks of its images."""

    colour: bool = False
    min_size: int = 0

    def unmet(self, spec: DataSpec) -> str | None:
        """The rule that this data set breaks, or None."""
        if self.colour and spec.channels < 3:
            return f"needs colour images, and {spec.name} is grey"
        if spec.size < self.min_size:
            return (
                f"needs images of at least {self.min_size}x{self.min_size}, and {spec.name} has {spec.size}x{spec.size}"
            )
        return None
