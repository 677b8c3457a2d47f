"""SimCLR, Chen et al. 2020, arXiv:2002.05709, algorithm 1."""

import math

from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, ablates, method
from explorer.losses import nt_xent
from explorer.nn import Distorted, mlp


class Config(Distorted):
    """Hyperparameters of SimCLR."""

    temperature: float = Field(
        0.5, ge=0.05, le=1.0, description="softmax temperature; smaller gives hard negatives more weight"
    )
    projection: int = Field(
        64, ge=8, le=512, description="width of the projection z = g(h), discarded after training (paper: 128)"
    )
    head: bool = Field(
        True, description="projection head g: z = g(h) is compared and h kept; else h itself is compared",
        json_schema_extra=ablates("h itself becomes invariant to all that views differ in, such as colour", False),
    )  # fmt: skip


@method(
    "SimCLR",
    family="contrastive",
    paper="arXiv:2002.05709",
    equation=r"\ell_{i,j} = -\log\frac{\exp(\mathrm{sim}(z_i, z_j)/\tau)}"
    r"{\sum_{k \neq i} \exp(\mathrm{sim}(z_i, z_k)/\tau)}, \qquad z = g(h),\ h = f(x)",
)
class SimCLR(Method):
    """Two views of one image attract each other, views of other images in the batch repel (NT-Xent loss)."""

    any_size = True
    train_defaults = {"batch": 256, "optimizer": "adamw", "lr": 2e-3}  # LARS and batch 4096 need a bigger machine

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        width = self.encoder.out_dim
        self.head = mlp(width, width, cfg.projection) if cfg.head else nn.Identity()

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two augmented views of the same images: t, t' ~ T."""
        return {"view_1": self.cfg.draw(batch.x, rng, batch.side), "view_2": self.cfg.draw(batch.x, rng, batch.side)}

    def loss(self, view_1: Tensor, view_2: Tensor) -> dict[str, Tensor]:
        """NT-Xent on z = g(h); h is what is kept."""
        z1, z2 = self.project(view_1), self.project(view_2)  # [B, projection]
        return {"loss": nt_xent(self.gather(z1), self.gather(z2), self.cfg.temperature)}

    def project(self, x: Tensor) -> Tensor:
        """z = g(h), where the views are compared."""
        return self.head(self.encoder(x))

    def chance(self, batch_size: int) -> float:
        """ln(2N-1): the partner is one of 2N-1, all equally likely."""
        return math.log(2 * batch_size - 1)
