"""MoCo, He et al. 2019, arXiv:1911.05722, algorithm 1, with the switches of v2, Chen et al. 2020, arXiv:2003.04297.

The third change of v2, the cosine schedule, is a hyperparameter of the training. Keys are not shuffled before batch
norm as in the paper: a query and its key are normalised with the same batch, which may give them away. The queue begins
with noise, which no key resembles: the loss starts low and rises towards its chance line until the first batches have
filled the queue.
"""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.augment import blur, colour_jitter
from explorer.core import Batch, Build, DataSpec, Method, TrainConfig, ablates, method
from explorer.losses import info_nce
from explorer.nn import SIGMA, Distorted, ema_update, mlp, teacher_of


class Config(Distorted):
    """Hyperparameters of MoCo."""

    queue: int = Field(
        4096, ge=16, le=65536, description="queue size: keys of earlier batches as negatives (paper: 65,536)",
        json_schema_extra=ablates("with so few negatives the positive key is easily identified", most=256),
    )  # fmt: skip
    momentum: float = Field(
        0.99, ge=0.0, le=1.0,
        description="momentum of the key encoder; 0 = a copy of the query encoder (paper: 0.999, long runs)",
        json_schema_extra=ablates("the keys are inconsistent: they come from encoders that differ too much", 0),
    )  # fmt: skip
    temperature: float = Field(0.1, ge=0.05, le=1.0, description="softmax temperature (v1: 0.07, v2: 0.2)")
    projection: int = Field(128, ge=8, le=512, description="width of queries and keys")
    mlp_head: bool = Field(False, description="v2: a hidden layer before the projection")
    strong: bool = Field(
        False, description="v2: SimCLR's augmentation, with blur in every second view unless blur says how often; "
        "v1 jitters the colours of all views, the hue four times as far, and blurs none"
    )  # fmt: skip

    def recolour(self, x: Tensor, rng: Generator) -> Tensor:
        """The colours of v1 or, if strong, of v2."""
        if self.strong:
            return super(Config, self.model_copy(update={"blur": self.blur or 0.5})).recolour(x, rng)
        x, _ = colour_jitter(x, rng, self.jitter, 1.0, self.grey, turn=0.8)
        return blur(x, rng, SIGMA, self.blur)[0] if self.blur else x


@method(
    "MoCo",
    family="contrastive",
    paper="arXiv:1911.05722",
    equation=r"\mathcal{L}_q = -\log\frac{\exp(q \cdot k_+ / \tau)}{\exp(q \cdot k_+ / \tau) + \sum_{i=1}^{K}"
    r"\exp(q \cdot k_i / \tau)}, \qquad \theta_k \leftarrow m\,\theta_k + (1-m)\,\theta_q",
)
class MoCo(Method):
    """Contrasts each query with a queue of keys of earlier batches, computed by a momentum encoder."""

    any_size = True
    train_defaults = {"batch": 256, "optimizer": "adamw", "lr": 2e-3, "schedule": "constant"}  # v1 has no cosine

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        width = self.encoder.out_dim
        self.head = mlp(width, width, cfg.projection) if cfg.mlp_head else nn.Linear(width, cfg.projection)
        self.key_encoder, self.key_head = teacher_of(self.encoder), teacher_of(self.head)
        self.register_buffer("queue", F.normalize(torch.randn(cfg.queue, cfg.projection), dim=1))  # [K, D]
        self.register_buffer("place", torch.zeros((), dtype=torch.long))  # of the oldest key

    @classmethod
    def incompatible(cls, cfg: Config, spec: DataSpec, train: TrainConfig) -> str | None:
        """A queue holds a batch at least."""
        batch = min(train.batch, spec.rows or train.batch)
        if cfg.queue < batch:
            choices = f"choose queue {batch} or more, or batch {cfg.queue} or less"
            return f"needs a queue that holds a batch of {batch}, and {cfg.queue} is less: {choices}"
        return None

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two views of the same images: the query and the key."""
        return {"query": self.cfg.draw(batch.x, rng, batch.side), "key": self.cfg.draw(batch.x, rng, batch.side)}

    def loss(self, query: Tensor, key: Tensor) -> dict[str, Tensor]:
        """InfoNCE of the query with its key against the queue; no gradient reaches the keys."""
        q = self.project(query)  # [B, D]
        with torch.no_grad():
            k = F.normalize(self.key_head(self.key_encoder(key)), dim=1)  # [B, D]
        return {"loss": info_nce(q, k, self.queue, self.cfg.temperature), "keys": k}

    def project(self, x: Tensor) -> Tensor:
        """The queries of images, of unit length."""
        return F.normalize(self.head(self.encoder(x)), dim=1)

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """The key encoder follows; the newest keys take the places of the oldest."""
        ema_update(self.key_encoder, self.encoder, self.cfg.momentum)
        ema_update(self.key_head, self.head, self.cfg.momentum)
        keys = out["keys"].to(self.queue.dtype)
        places = (self.place + torch.arange(len(keys), device=keys.device)) % len(self.queue)
        self.queue[places] = keys
        self.place.copy_((self.place + len(keys)) % len(self.queue))

    def chance(self, batch_size: int) -> float:
        """ln(K+1): the key is one of K+1, all equally likely."""
        return math.log(len(self.queue) + 1)
