"""Rotation, Gidaris et al. 2018, arXiv:1803.07728.

The paper shows the network all four turns of each image; here each image gets one, and a batch has four times as many
different images for the same work.
"""

import math

import torch
from torch import Generator, Tensor, nn

from explorer.augment import turned
from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, generator, method
from explorer.nn import guess

TURNS = 4


class Config(MethodConfig):
    """Rotation has no hyperparameters of its own."""


@method(
    "Rotation",
    family="pretext",
    paper="arXiv:1803.07728",
    equation=r"\mathcal L = -\log p_k\big(g(x, k)\big), \qquad g(x, k) = \text{x turned by } 90^\circ k,"
    r"\ k \in \{0, 1, 2, 3\}",
)
class Rotation(Method):
    """Predicts by which multiple of 90 degrees an image was rotated, which requires knowing what is upright."""

    any_size = True
    train_defaults = {"batch": 128, "lr": 1e-3}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = nn.Linear(self.encoder.out_dim, TURNS)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Each rotated image, and the number of quarter turns."""
        turns = torch.randint(TURNS, (len(batch.x),), generator=rng, device=batch.x.device)
        return {"turned": turned(batch.x, turns), "turns": turns}

    def loss(self, turned: Tensor, turns: Tensor) -> dict[str, Tensor]:
        """Cross entropy over the four classes."""
        loss, accuracy = guess(self.head(self.encoder(turned)), turns)
        return {"loss": loss, "accuracy": accuracy}

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image rotated, always alike, and rotated back by the prediction."""
        drawn = torch.randint(TURNS, (len(x),), generator=generator(0, "gallery", device=x.device), device=x.device)
        shown = turned(x, drawn)
        return {"turned": shown, "turned back": turned(shown, -self.head(self.encoder(shown)).argmax(1))}

    def chance(self, batch_size: int) -> float:
        """ln 4: all rotations are equally likely."""
        return math.log(TURNS)
