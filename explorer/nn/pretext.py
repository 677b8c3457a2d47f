"""Pieces of the tasks that images set themselves: tiles and their hyperparameters, a guess, a filled hole."""

import torch
import torch.nn.functional as F
from pydantic import Field, field_validator
from torch import Generator, Tensor, nn

from explorer.augment import cut, gapless, incompatible, shifted_channels, standardised, tiles, to_grey
from explorer.core import DataSpec, Encoder, MethodConfig, ablates
from explorer.losses import to_float32
from explorer.nn.decoders import Painter
from explorer.nn.norms import has_batch_norm, unremembered

PLACES = 8  # a side of the map that is connected with itself: its matrices grow with the fourth power


class Tiled(MethodConfig):
    """How images are cut into tiles, described once for all methods that ask where tiles belong."""

    grid: int = Field(
        0, ge=0, le=3, description="tiles in a row, 2 or 3; 0 = automatic: 3 from 24 pixels on (paper), else 2"
    )
    gap: float = Field(
        0.15, ge=0.0, le=0.4,
        description="gap: share of a tile's cell that stays empty, rounded down to whole pixels; 0 = none",
        json_schema_extra=ablates("edges continue from tile to tile, so matching them is enough (a shortcut)", 0),
    )  # fmt: skip
    jitter: float = Field(
        0.15, ge=0.0, le=0.4,
        description="jitter: share of a tile's cell by which it moves at random, rounded down to whole pixels",
    )  # fmt: skip

    @field_validator("grid")
    @classmethod
    def _several(cls, grid: int) -> int:
        if grid == 1:
            raise ValueError("a grid of 1 is the whole image, which leaves nothing to predict: choose 2 or 3")
        return grid

    def tiles_of(self, x: Tensor, rng: Generator) -> tuple[Tensor, int]:
        """The tiles `[B, n*n, C, t, t]` of images, and n."""
        n, gap, jitter, _ = cut(x.shape[-1], self.grid, self.gap, self.jitter)
        return tiles(x, n, gap, jitter, rng)[0], n

    def grid_of(self, size: int) -> int:
        """Tiles in a row of images of so many pixels."""
        return cut(size, self.grid, self.gap, self.jitter).n

    def incompatible_with(self, size: int) -> str | None:
        """The rule that these hyperparameters break on images of so many pixels, and what would fit."""
        return incompatible(size, self.grid, self.gap, self.jitter)

    def warning(self, spec: DataSpec) -> str | None:
        """A gap of less than a pixel is none."""
        return gapless(spec.size, self.grid, self.gap, self.jitter)


GREYED = 0.3  # of the images whose tiles are to be put in order


def disguised(parts: Tensor, rng: Generator) -> Tensor:
    """Tiles `[B, V, C, t, t]` of which neither light and contrast nor the fringes of colours tell where they belong.

    Noroozi and Favaro 2016, section 3.3: some images grey, in the others each channel moved, each tile standardised.
    """
    b, v, _, side, _ = parts.shape
    strip = parts.transpose(1, 2).reshape(b, -1, v * side, side)  # the tiles of an image share one draw
    strip, drawn = to_grey(strip, rng, GREYED)
    grey = strip.unflatten(2, (v, side)).transpose(1, 2)
    chosen = drawn["grey"][:, None, None, None, None]
    return standardised(torch.where(chosen, grey, shifted_channels(parts, rng)))


def encode_parts(encoder: Encoder, parts: Tensor) -> Tensor:
    """Parts `[B, V, C, h, w]` of images, each through the same encoder: `[B, V, D]`.

    Batch norm forgets what it sees of parts: it is whole images that are embedded in the end (`see_whole`).
    """
    with unremembered(encoder):
        return encoder(encoder.admit(parts.flatten(0, 1))).unflatten(0, parts.shape[:2])


@torch.no_grad()
def see_whole(encoder: Encoder, x: Tensor) -> None:
    """Let the batch norms of an encoder that learns from parts remember whole images `[B, C, H, W]`."""
    if has_batch_norm(encoder):
        encoder(x)


def guess(logits: Tensor, answer: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy of logits `[B, K]` with labels `[B]`, and the accuracy."""
    return F.cross_entropy(*to_float32(logits), answer), (logits.detach().argmax(1) == answer).float().mean()


class ChannelWise(nn.Module):
    """A fully connected layer within each channel, Pathak 2016, section 3.1: places exchange what they know.

    One matrix over the places per channel; one over places and channels would have as many times more weights.
    """

    def __init__(self, channels: int, side: int) -> None:
        super().__init__()
        n = side * side
        self.weight = nn.Parameter(torch.empty(channels, n, n).uniform_(-1, 1) * n**-0.5)
        self.bias = nn.Parameter(torch.zeros(channels, n))

    def forward(self, x: Tensor) -> Tensor:
        """`[B, C, h, w]` to the same shape."""
        out = torch.einsum("bcp,cpq->bcq", x.flatten(2), self.weight) + self.bias
        return out.view_as(x)


class Filler(nn.Module):
    """From the encoder's map of features to a whole image: a channel-wise layer, then a painter."""

    def __init__(self, encoder: Encoder, spec: DataSpec) -> None:
        super().__init__()
        self.side = min(self.map_side(encoder, spec), PLACES)
        self.bottleneck = ChannelWise(encoder.out_dim, self.side)
        self.painter = Painter(encoder.out_dim, self.side, spec.channels, spec.size)

    @staticmethod
    @torch.no_grad()
    def map_side(encoder: Encoder, spec: DataSpec) -> int:
        """Places in a row of the encoder's map."""
        features = encoder.eval().feature_map(torch.zeros(1, spec.channels, spec.size, spec.size))
        encoder.train()
        return features.shape[-1]

    def forward(self, features: Tensor) -> Tensor:
        """`[B, D, h, w]` to images `[B, C, H, W]` in [0, 1]."""
        features = F.adaptive_avg_pool2d(features, self.side)
        return self.painter(torch.relu(self.bottleneck(features))).sigmoid()


def hole_error(fill: Tensor, image: Tensor, hole: Tensor) -> Tensor:
    """Mean squared error `[B]` of the pixels in each image's hole, Pathak 2016 eq. 1; hole: booleans `[B, 1, H, W]`."""
    fill, image = to_float32(fill, image)
    wrong = ((fill - image).square() * hole).sum((1, 2, 3))
    return wrong / (hole.sum((1, 2, 3)).clamp(min=1) * image.shape[1])
