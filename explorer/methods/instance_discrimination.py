"""Instance discrimination with a memory bank, Wu et al. 2018, arXiv:1805.01978.

The loss is InfoNCE over keys drawn from the bank, as in the comparison of He et al. 2019, arXiv:1911.05722, figure 2b,
and not the paper's noise-contrastive estimate, so that it differs from MoCo in where the keys come from alone. The bank
begins with noise: the loss starts low and rises during the first epoch.
"""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, method
from explorer.losses import info_nce
from explorer.nn import Distorted


class Config(Distorted):
    """Hyperparameters of instance discrimination."""

    negatives: int = Field(4096, ge=16, le=65536, description="keys drawn from the bank for each step (paper: 4096)")
    memory: float = Field(
        0.5, ge=0.0, lt=1.0, description="momentum: share of the old key that an update keeps (paper: 0.5)"
    )
    temperature: float = Field(0.1, ge=0.05, le=1.0, description="softmax temperature (paper: 0.07)")
    projection: int = Field(128, ge=8, le=512, description="width of the keys in the bank")


@method(
    "Instance discrimination",
    family="contrastive",
    paper="arXiv:1805.01978",
    equation=r"\mathcal{L}_i = -\log\frac{\exp(v_i \cdot b_i / \tau)}{\exp(v_i \cdot b_i / \tau) + \sum_{j=1}^{K}"
    r"\exp(v_i \cdot b_j / \tau)}, \qquad b_i \leftarrow \frac{m\,b_i + (1-m)\,v_i}{\lVert\cdot\rVert}",
)
class InstanceDiscrimination(Method):
    """Classifies each image as its own class, against keys of other images in a memory bank."""

    moving_target = True
    any_size, common_views = True, ("negatives",)
    train_defaults = {"batch": 256, "optimizer": "adamw", "lr": 2e-3, "schedule": "constant"}  # as MoCo

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = nn.Linear(self.encoder.out_dim, cfg.projection)
        self.register_buffer("bank", F.normalize(torch.randn(spec.rows, cfg.projection), dim=1))  # [N, D]

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """One view of each image, its key, and the rows of the bank that are its negatives.

        Held-out images have no place in the bank: their key is that of a second draw.
        """
        drawn = torch.randint(len(self.bank), (1, self.cfg.negatives), generator=rng, device=rng.device)  # [1, K]
        view = self.cfg.draw(batch.x, rng, batch.side)
        key = (
            self.bank[batch.index] if self.training else self.project(self.cfg.draw(batch.x, rng, batch.side))
        )  # [B, D]
        return {"view": view, "key": key, "negatives": drawn}

    def loss(self, view: Tensor, key: Tensor, negatives: Tensor) -> dict[str, Tensor]:
        """InfoNCE of the view with its remembered key against others of the bank."""
        v = self.project(view)  # [B, D]
        return {"loss": info_nce(v, key, self.bank[negatives[0]], self.cfg.temperature), "keys": v.detach()}

    def project(self, x: Tensor) -> Tensor:
        """The keys of images, of unit length."""
        return F.normalize(self.head(self.encoder(x)), dim=1)

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the keys of this batch in the bank."""
        m = self.cfg.memory
        new = m * self.bank[batch.index] + (1 - m) * out["keys"].to(self.bank.dtype)
        self.bank[batch.index] = F.normalize(new, dim=1)

    def chance(self, batch_size: int) -> float:
        """ln(K+1): the key is one of K+1, all equally likely."""
        return math.log(self.cfg.negatives + 1)
