"""Learning to count, Noroozi et al. 2017, arXiv:1708.06734, equation 5."""

import torch
from pydantic import Field
from torch import Generator, Tensor, nn
from torch.nn.functional import interpolate

from explorer.augment import tiles, to_grey
from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, Needs, method
from explorer.losses import counting
from explorer.nn import encode_parts, layer_normed


class Config(MethodConfig):
    """Hyperparameters of counting."""

    counts: int = Field(64, ge=1, le=1000, description="visual primitives that are counted (paper: 1000)")
    margin: float = Field(
        10.0,
        gt=0.0,
        le=100.0,
        description="margin: squared distance that counts of different images must have (paper: 10)",
    )
    grey: float = Field(
        0.67, ge=0.0, le=1.0, description="probability of converting an image to greyscale (paper: 0.67)"
    )


@method(
    "Counting",
    family="pretext",
    paper="arXiv:1708.06734",
    equation=r"\mathcal L = \big|\phi(D x) - \textstyle\sum_{j=1}^4 \phi(T_j x)\big|^2"
    r" + \max\big\{0, M - |\phi(D y) - \sum_{j=1}^4 \phi(T_j x)|^2\big\}",
    needs=Needs(min_size=8),
)
class Counting(Method):
    """Counts visual primitives: the counts of four tiles add up to those of their image, not of another."""

    train_defaults = {"batch": 128, "lr": 1e-3}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = layer_normed(build())  # a count must not depend on what else is in the batch
        self.head = nn.Linear(self.encoder.out_dim, cfg.counts)
        nn.init.normal_(self.head.weight, std=0.01)  # it begins by counting nearly nothing, at the price of the margin
        nn.init.zeros_(self.head.bias)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image at half size, its quarters, and another image at half size."""
        x, _ = to_grey(batch.x, rng, self.cfg.grey)
        quarters, _ = tiles(x, 2)  # [B, 4, C, S/2, S/2]
        whole = interpolate(x, quarters.shape[-2:], mode="bilinear", antialias=True)
        away = torch.randint(1, max(2, len(x)), (1,), generator=rng, device=x.device)
        return {"whole": whole, "quarters": quarters, "another": whole[self.beside(len(x), away)]}

    @staticmethod
    def beside(n: int, away: Tensor) -> Tensor:
        """For each of n images another one, all equally far away in the batch."""
        return (torch.arange(n, device=away.device) + away) % n

    def loss(self, whole: Tensor, quarters: Tensor, another: Tensor) -> dict[str, Tensor]:
        """The contrastive counting loss on phi, whose counts are not negative."""
        parts = torch.cat([whole[:, None], another[:, None], quarters], 1)  # [B, 6, C, S/2, S/2]
        phi = self.count(parts)  # [B, 6, counts]
        loss = counting(phi[:, 0], phi[:, 2:], phi[:, 1], self.cfg.margin)
        return {"loss": loss, "count": phi[:, 0].detach().sum(1).mean()}

    def count(self, parts: Tensor) -> Tensor:
        """How many of each thing are in each part: `[B, V, C, h, w]` to `[B, V, counts]`."""
        return torch.relu(self.head(encode_parts(self.encoder, parts)))

    def chance(self, batch_size: int) -> float:
        """The margin: the loss where all counts are zero, and all images alike."""
        return self.cfg.margin
