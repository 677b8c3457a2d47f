"""BYOL, Grill et al. 2020, arXiv:2006.07733, algorithm 1; what keeps it from collapsing can be switched off.

Both views are drawn alike. The paper's are not: there one is always blurred and never solarised, the other seldom and
sometimes (appendix B), so that the two networks also see different images.

Without stop-gradient the target is the online network itself, and the gradient goes through both sides. There is no
line of chance: a network that answers the same to everything has the lowest loss of all, 0.
"""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, ablates, method
from explorer.losses import byol_regression
from explorer.nn import Distorted, ema_update, layer_normed, mlp, teacher_of


class Config(Distorted):
    """Hyperparameters of BYOL."""

    momentum: float = Field(
        0.9, ge=0.0, le=1.0,
        description="momentum of the target's moving average at first; it rises to 1 (paper: 0.996, long runs)",
        json_schema_extra=ablates("the target is no average: it equals the online network after every step", 0),
    )  # fmt: skip
    predictor: bool = Field(
        True, description="predictor: an MLP that maps the projection to the target's projection",
        json_schema_extra=ablates("one output for all images minimises the loss: nothing prevents collapse", False),
    )  # fmt: skip
    stop_gradient: bool = Field(
        True, description="stop-gradient: no gradient flows into the target",
        json_schema_extra=ablates("both branches can move towards each other until all outputs are equal", False),
    )  # fmt: skip
    batch_norm: bool = Field(
        True, description="batch norm in encoder and heads; else layer norm in the encoder, and none in the heads",
        json_schema_extra=ablates("no image is compared with others of its batch, not even implicitly", False),
    )  # fmt: skip
    projection: int = Field(64, ge=8, le=512, description="width of projection and prediction (paper: 256)")
    hidden: int = Field(256, ge=16, le=4096, description="width of the heads' hidden layer (paper: 4096)")


@method(
    "BYOL",
    family="contrastive",
    paper="arXiv:2006.07733",
    equation=r"\mathcal{L} = \left\lVert \bar q_\theta(z_\theta) - \bar z'_\xi \right\rVert_2^2 + "
    r"\text{the same with the views exchanged}, \qquad \xi \leftarrow \tau\,\xi + (1-\tau)\,\theta",
)
class BYOL(Method):
    """Predicts from one view the target network's projection of the other; the target averages past weights."""

    moving_target = True
    any_size = True
    train_defaults = {"batch": 128, "optimizer": "adamw", "lr": 2e-3}  # LARS and batch 4096 need a bigger machine

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build() if cfg.batch_norm else layer_normed(build())
        self.head = mlp(self.encoder.out_dim, cfg.hidden, cfg.projection, norm=cfg.batch_norm)  # g
        through = mlp(cfg.projection, cfg.hidden, cfg.projection, norm=cfg.batch_norm)
        self.predictor = through if cfg.predictor else nn.Identity()  # q
        self.target_encoder, self.target_head = teacher_of(self.encoder), teacher_of(self.head)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Two augmented views of the same images: t, t' ~ T."""
        return {"view_1": self.cfg.draw(batch.x, rng, batch.side), "view_2": self.cfg.draw(batch.x, rng, batch.side)}

    def loss(self, view_1: Tensor, view_2: Tensor) -> dict[str, Tensor]:
        """Each view predicts the other's target: 0 where they agree, 4 where they have nothing in common."""
        p1, p2 = self.predictor(self.project(view_1)), self.predictor(self.project(view_2))  # [B, projection]
        z1, z2 = self.target(view_1), self.target(view_2)
        return {"loss": byol_regression(p1, z2) + byol_regression(p2, z1)}

    def project(self, x: Tensor) -> Tensor:
        """z = g(f(x)) of the online network."""
        return self.head(self.encoder(x))

    def target(self, x: Tensor) -> Tensor:
        """z' = g'(f'(x)) of the target network, which no gradient reaches."""
        if not self.cfg.stop_gradient:
            return self.project(x)
        with torch.no_grad():
            return self.target_head(self.target_encoder(x))

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """The momentum of the moving average rises to 1: tau = 1 - (1 - tau_0)(cos(pi k / K) + 1) / 2."""
        still = (1 - self.cfg.momentum) * (math.cos(math.pi * progress) + 1) / 2 if self.cfg.momentum else 1
        ema_update(self.target_encoder, self.encoder, 1 - still)
        ema_update(self.target_head, self.head, 1 - still)
