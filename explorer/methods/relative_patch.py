"""Relative patch, Doersch et al. 2015, arXiv:1505.05192, section 3."""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor

from explorer.augment import AROUND, assemble, drop_channels, neighbours
from explorer.core import Batch, Build, DataSpec, Method, Needs, TrainConfig, generator, method
from explorer.nn import Tiled, encode_parts, guess, mlp, see_whole


class Config(Tiled):
    """Hyperparameters of the relative patch."""

    drop_colours: bool = Field(
        True, description="one colour channel per tile: the chromatic aberration of lenses reveals its place"
    )


@method(
    "Relative patch",
    family="pretext",
    paper="arXiv:1505.05192",
    equation=r"\mathcal L = -\log \mathrm{softmax}\big(h(f(p_1), f(p_2))\big)_d, \qquad d \in \{1, \dots, 8\}",
    needs=Needs(min_size=8),
)
class RelativePatch(Method):
    """Predicts the position of a tile relative to its neighbour, one of eight directions."""

    train_defaults = {"batch": 128, "lr": 1e-3}

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """Tiles must be large enough."""
        return cfg.incompatible_with(spec.size)

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        width = self.encoder.out_dim
        self.head = mlp(2 * width, width, len(AROUND))

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two neighbouring tiles of each image, and the direction of the second."""
        pair, direction = neighbours(*self.cfg.tiles_of(batch.x, rng), rng)  # [B, 2, C, t, t]
        if self.cfg.drop_colours:
            pair = drop_channels(pair.flatten(0, 1), rng)[0].view_as(pair)
        return {"pair": pair, "direction": direction}

    def loss(self, pair: Tensor, direction: Tensor) -> dict[str, Tensor]:
        """Cross entropy over the eight classes."""
        loss, accuracy = guess(self.directions(pair), direction)
        return {"loss": loss, "accuracy": accuracy}

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the batch norm statistics with whole images, which are what is embedded."""
        see_whole(self.encoder, batch.x)

    def directions(self, pair: Tensor) -> Tensor:
        """Logits `[B, 8]` from what the encoder says of both tiles."""
        return self.head(encode_parts(self.encoder, pair).flatten(1))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """A tile in the middle with its neighbour where it was, and where the network puts it."""
        asked = self.views(Batch(x, x, x), generator(0, "gallery", device=x.device))
        pair, direction = asked["pair"], asked["direction"]
        size, put = x.shape[-1], self.directions(pair).argmax(1)
        return {"neighbour": board(pair, direction, size), "where it is put": board(pair, put, size)}

    def chance(self, batch_size: int) -> float:
        """ln 8: all directions are equally likely."""
        return math.log(len(AROUND))


def board(pair: Tensor, direction: Tensor, size: int) -> Tensor:
    """The first tile in the middle of 3 x 3 places, the second in a direction: pictures `[B, C, size, size]`."""
    places = pair.new_full((len(pair), 9, *pair.shape[2:]), 0.5)
    places[:, 4] = pair[:, 0]
    places[torch.arange(len(pair), device=pair.device), direction + (direction >= 4)] = pair[:, 1]
    return F.interpolate(assemble(places, 3, 3 * (pair.shape[-1] + 1)), [size, size], mode="bilinear", antialias=True)
