"""Encoders for small images: `mlp`, `conv` (the choice for a processor), `resnet18` (the choice for a GPU), `vit`."""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.core import ENCODERS, Build, DataSpec, Encoder, TrainConfig, encoder


def conv_block(a: int, b: int, stride: int = 1, side: int = 3) -> nn.Sequential:
    """Convolution, batch norm, ReLU."""
    return nn.Sequential(nn.Conv2d(a, b, side, stride, side // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))


@encoder
class Mlp(Encoder):
    """Two hidden layers on the flattened image, as in the autoencoder of the lecture."""

    min_size, any_size = 1, False

    def __init__(self, channels: int, size: int, width: float = 1.0, hidden: int = 256) -> None:
        super().__init__()
        self.size = size
        self.out_dim = max(1, round(hidden * width))
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(channels * size * size, self.out_dim), nn.ReLU(),
            nn.Linear(self.out_dim, self.out_dim), nn.ReLU(),
        )  # fmt: skip

    def feature_map(self, x: Tensor) -> Tensor:
        """`[B, out_dim, 1, 1]`: there is only one place."""
        return self.layers(x)[:, :, None, None]

    def admit(self, x: Tensor) -> Tensor:
        """It takes one size only: parts are brought to that of a whole image."""
        return x if x.shape[-1] == self.size else F.interpolate(x, [self.size, self.size], mode="bilinear")


@encoder
class Conv(Encoder):
    """Three convolutions and a widening, averaged: learns something within a minute on two processor cores.

    3.4 million multiply-adds at 28x28. Small maps are not halved: 8x8 digits keep 4x4 places to average over.
    """

    min_size = 4

    def __init__(self, channels: int, size: int, width: float = 1.0, hidden: int = 256) -> None:
        super().__init__()
        a, b, self.out_dim = (max(8, round(n * width)) for n in (32, 64, 192))
        self.layers = nn.Sequential(
            conv_block(channels, a, 2 if size > 4 else 1),
            conv_block(a, b, 2 if size > 8 else 1),
            conv_block(b, b),
            conv_block(b, self.out_dim, side=1),
        )

    def feature_map(self, x: Tensor) -> Tensor:
        """`[B, out_dim, H/4, W/4]`."""
        return self.layers(x)


class Residual(nn.Module):
    """Two convolutions beside a shortcut, He et al. 2015, arXiv:1512.03385, figure 2."""

    def __init__(self, a: int, b: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(conv_block(a, b, stride), nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b))
        same = a == b and stride == 1
        self.shortcut = (
            nn.Identity() if same else nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))
        )

    def forward(self, x: Tensor) -> Tensor:
        """ReLU after the sum."""
        return torch.relu(self.body(x) + self.shortcut(x))


@encoder
class ResNet18(Encoder):
    """ResNet-18 with a 3x3 stem and no pooling before the first block, as is usual for 32x32 images."""

    def __init__(self, channels: int, size: int, width: float = 1.0, hidden: int = 256) -> None:
        super().__init__()
        w = [max(8, round(n * width)) for n in (64, 64, 128, 256, 512)]
        self.out_dim = w[-1]
        blocks = [
            block
            for i, stride in enumerate((1, 2, 2, 2))
            for block in (Residual(w[i], w[i + 1], stride), Residual(w[i + 1], w[i + 1], 1))
        ]
        self.layers = nn.Sequential(conv_block(channels, w[0], 1), *blocks)

    def feature_map(self, x: Tensor) -> Tensor:
        """`[B, out_dim, H/8, W/8]`."""
        return self.layers(x)


@encoder
class Vit(Encoder):
    """A small vision transformer, Dosovitskiy et al. 2020, arXiv:2010.11929: patches are words, their mean the code.

    Position embeddings are fixed sines and cosines in 2-D and tokens are averaged, as in the plain baselines of
    Beyer et al. 2022, arXiv:2205.01580; so parts of images can be of any size.
    """

    min_size = 4

    def __init__(self, channels: int, size: int, width: float = 1.0, hidden: int = 256) -> None:
        super().__init__()
        self.out_dim = 32 * max(1, round(6 * width))  # 32 numbers to each head
        self.side = 4 if size >= 16 else 2
        self.words = nn.Conv2d(channels, self.out_dim, self.side, self.side)
        block = partial(
            nn.TransformerEncoderLayer, self.out_dim, self.out_dim // 32, 2 * self.out_dim, dropout=0.0,
            activation="gelu", batch_first=True, norm_first=True,
        )  # fmt: skip
        self.blocks = nn.Sequential(*(block() for _ in range(4)))
        self.norm = nn.LayerNorm(self.out_dim)

    def feature_map(self, x: Tensor) -> Tensor:
        """`[B, out_dim, H/4, W/4]`; of images below 16 pixels `H/2, W/2`."""
        words = self.words(x)  # [B, D, h, w]
        tokens = words.flatten(2).mT + places(*words.shape[1:], words.device).to(words.dtype)  # [B, h*w, D]
        return self.norm(self.blocks(tokens)).mT.unflatten(2, words.shape[2:])


def places(width: int, rows: int, columns: int, device: torch.device) -> Tensor:
    """Fixed codes `[rows * columns, width]` of places: sines and cosines of the row, then of the column."""
    speed = 10_000 ** -(torch.arange(width // 4, device=device) / (width // 4))
    codes = [(torch.arange(n, device=device)[:, None] * speed)[:, None] for n in (rows, columns)]
    row, column = codes[0].expand(-1, columns, -1), codes[1].transpose(0, 1).expand(rows, -1, -1)
    return torch.cat([row.sin(), row.cos(), column.sin(), column.cos()], 2).flatten(0, 1)


def _build(
    cfg: TrainConfig,
    spec: DataSpec,
    channels: int | None = None,
    hidden: int | None = None,
    share: float = 1.0,
) -> Encoder:
    network = ENCODERS[cfg.encoder](channels or spec.channels, spec.size, cfg.width * share, hidden or 256)
    network.pooling = cfg.pooling
    return network


def builder(cfg: TrainConfig, spec: DataSpec) -> Build:
    """The `build` that a method gets: encoders of the chosen kind, width and pooling for images of this spec."""
    return partial(_build, cfg, spec)


@torch.no_grad()
def multiply_adds(network: nn.Module, x: Tensor) -> int:
    """Multiply-adds of one forward pass on `x` `[1, C, H, W]`: matrix products, convolutions and attention."""
    training = network.training
    with FlopCounterMode(display=False) as counter:
        network.eval()(x)
    network.train(training)
    return counter.get_total_flops() // 2
