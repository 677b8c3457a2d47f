"""SimCLR, Chen et al. 2020, arXiv:2002.05709, algorithm 1."""

import math

from pydantic import Field
from torch import Generator, Tensor

from explorer.augment import blur, colour_jitter, crop_flip
from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method
from explorer.losses import nt_xent
from explorer.nn import mlp


class Config(MethodConfig):
    """Knobs of SimCLR."""

    temperature: float = Field(
        0.5, ge=0.05, le=1.0, description="softmax temperature; smaller looks harder at hard negatives"
    )
    projection: int = Field(
        64, ge=8, le=512, description="width of the projection z = g(h), which is thrown away (paper: 128)"
    )
    crop: float = Field(
        0.2, ge=0.05, le=1.0, description="smallest share of the area a crop may keep (paper: 0.08, at 224 pixels)"
    )
    flip: float = Field(
        0.5, ge=0.0, le=1.0, description="probability of a mirror image; 0 where left and right have a meaning"
    )
    jitter: float = Field(0.5, ge=0.0, le=1.25, description="strength of the colour distortion; 0 = none")
    grey: float = Field(0.2, ge=0.0, le=1.0, description="probability of losing all colour")
    blur: float = Field(0.0, ge=0.0, le=1.0, description="probability of a blur (paper: 0.5 at 224 pixels, none at 32)")


@method(
    "SimCLR",
    family="contrastive",
    paper="arXiv:2002.05709",
    equation=r"\ell_{i,j} = -\log\frac{\exp(\mathrm{sim}(z_i, z_j)/\tau)}"
    r"{\sum_{k \neq i} \exp(\mathrm{sim}(z_i, z_k)/\tau)}, \qquad z = g(h),\ h = f(x)",
)
class SimCLR(Method):
    """Two crops of one image attract; crops of different images repel."""

    train_defaults = {"batch": 256, "optimizer": "adamw", "lr": 2e-3}  # LARS and batch 4096 need a bigger machine

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = mlp(self.encoder.out_dim, self.encoder.out_dim, cfg.projection)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two draws t, t' ~ T of the same images."""
        return {"view_1": self.augment(batch.x, rng), "view_2": self.augment(batch.x, rng)}

    def augment(self, x: Tensor, rng: Generator) -> Tensor:
        """One draw from T: crop, flip, colour, blur."""
        x, _ = crop_flip(x, rng, self.cfg.crop, self.cfg.flip)
        x, _ = colour_jitter(x, rng, self.cfg.jitter, 0.8, self.cfg.grey)
        return blur(x, rng, 2.0, self.cfg.blur)[0] if self.cfg.blur else x

    def loss(self, view_1: Tensor, view_2: Tensor) -> dict[str, Tensor]:
        """NT-Xent on z = g(h); h is what is kept."""
        z1, z2 = self.head(self.encoder(view_1)), self.head(self.encoder(view_2))  # [B, projection]
        return {"loss": nt_xent(self.gather(z1), self.gather(z2), self.cfg.temperature)}

    def chance(self, batch_size: int) -> float:
        """ln(2N-1): the partner is one of 2N-1, and all look alike."""
        return math.log(2 * batch_size - 1)
