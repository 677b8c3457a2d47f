"""End-to-end contrast: the first of the three mechanisms that He et al. 2019 compare, arXiv:1911.05722, figure 2a.

The other two are `instance_discrimination` (a memory bank) and `moco` (a queue); views, head and temperature are alike.
"""

import math

import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, method
from explorer.losses import info_nce_in_batch
from explorer.nn import Distorted


class Config(Distorted):
    """Hyperparameters of end-to-end contrast."""

    temperature: float = Field(0.1, ge=0.05, le=1.0, description="softmax temperature (paper: 0.07)")
    projection: int = Field(128, ge=8, le=512, description="width of queries and keys")


@method(
    "End-to-end contrast",
    family="contrastive",
    paper="arXiv:1911.05722",
    equation=r"\mathcal{L} = -\frac{1}{N}\sum_i \log\frac{\exp(q_i \cdot k_i / \tau)}"
    r"{\sum_{j=1}^{N} \exp(q_i \cdot k_j / \tau)}, \qquad q, k \text{ of the same batch}",
)
class EndToEnd(Method):
    """Contrasts each query with the keys of its batch; the gradient flows through queries and keys."""

    any_size = True
    train_defaults = {"batch": 256, "optimizer": "adamw", "lr": 2e-3, "schedule": "constant"}  # as MoCo

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.head = nn.Linear(self.encoder.out_dim, cfg.projection)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two views of the same images: the query and the key."""
        return {"query": self.cfg.draw(batch.x, rng, batch.side), "key": self.cfg.draw(batch.x, rng, batch.side)}

    def loss(self, query: Tensor, key: Tensor) -> dict[str, Tensor]:
        """InfoNCE over the batch: there are as many negatives as other images in it."""
        q, k = self.gather(self.project(query)), self.gather(self.project(key))  # [N, D]
        return {"loss": info_nce_in_batch(q, k, self.cfg.temperature)}

    def project(self, x: Tensor) -> Tensor:
        """Queries or keys, of unit length."""
        return F.normalize(self.head(self.encoder(x)), dim=1)

    def chance(self, batch_size: int) -> float:
        """ln(N): the key is one of N, all equally likely."""
        return math.log(batch_size)
