"""Undercomplete autoencoder, Hinton and Salakhutdinov 2006, doi:10.1126/science.1127647; sizes as in the lecture.

The linear one has a known answer: its code spans the principal subspace, Baldi and Hornik 1989,
doi:10.1016/0893-6080(89)90014-2.
"""

import math
from typing import Literal

import torch
import torch.nn.functional as F
from pydantic import Field, ValidationInfo, field_validator
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method
from explorer.losses import pixel_error, to_float32
from explorer.nn import Decoder, pixel_floor


class Config(MethodConfig):
    """Hyperparameters of the autoencoder."""

    latent: int = Field(
        10, ge=1, le=512, description="latent dimension, the width of the bottleneck; the smaller, the more is lost"
    )
    hidden: int = Field(
        128, ge=8, le=2048, description="width of the decoder's two hidden layers, and of an mlp encoder's"
    )
    error: Literal["bce", "mse"] = Field(
        "bce", description="reconstruction loss per pixel: cross entropy or squared error"
    )
    linear: bool = Field(
        False,
        description="linear autoencoder: one linear layer replaces the chosen encoder, another the decoder, and the "
        "code then spans the subspace of PCA (needs error mse)",
    )

    @field_validator("linear")
    @classmethod
    def _squared(cls, linear: bool, others: ValidationInfo) -> bool:
        if linear and others.data.get("error") != "mse":
            raise ValueError("a linear code has no sigmoid to end in a probability: choose error mse, or linear off")
        return linear


@method(
    "Autoencoder",
    family="autoencoder",
    paper="doi:10.1126/science.1127647",
    equation=r"\mathcal L = -\frac{1}{P}\sum_{p} x_p \log \hat x_p + (1 - x_p)\log(1 - \hat x_p),"
    r"\qquad \hat x = \sigma(D(E(x)))",
)
class Autoencoder(Method):
    """Reconstructs each image from a low-dimensional latent code (the bottleneck)."""

    train_defaults = {
        "encoder": "mlp", "epochs": 5, "batch": 128, "optimizer": "adam", "lr": 1e-3, "schedule": "constant",
        "weight_decay": 0.0,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = nn.Flatten() if cfg.linear else build(hidden=cfg.hidden)
        width = spec.channels * spec.size**2 if cfg.linear else self.encoder.dim
        self.code = nn.Linear(width, cfg.latent)  # no ReLU: a code may be negative
        self.decoder = Decoder(cfg.latent, 0 if cfg.linear else cfg.hidden, spec)
        # The mean image, without which a linear code spends one of its numbers on it for long; else it stays 0.
        shape = (spec.channels, spec.size, spec.size)
        self.register_buffer("mean", torch.zeros(shape), persistent=cfg.linear)
        self.register_buffer("steps", torch.zeros(()), persistent=cfg.linear)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image is both input and target."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """The reconstruction error, per pixel."""
        drawn = self.draw(self.embed(image))
        if self.cfg.linear:
            return {"loss": F.mse_loss(to_float32(drawn)[0], image)}
        return {"loss": pixel_error(drawn, image, self.cfg.error)}

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """The linear code is one of centred pixels: it keeps the running mean of the training images."""
        if self.cfg.linear:
            self.steps += 1
            self.mean.lerp_(batch.x.mean(0), 1 / self.steps)

    def embed(self, x: Tensor) -> Tensor:
        """The code `[B, latent]`."""
        centred = x - self.mean
        return self.code(self.encoder(centred) if self.cfg.linear else self.encoder.embed(centred))

    def draw(self, z: Tensor) -> Tensor:
        """The logits `[B, C, H, W]` of a reconstruction, or the pixels of the linear one."""
        return self.decoder(z) + self.mean

    def decode(self, z: Tensor) -> Tensor:
        """The reconstruction from a code."""
        drawn = self.draw(z)
        return drawn.clamp(0, 1) if self.cfg.linear else drawn.sigmoid()

    def measure(self, x: Tensor) -> dict[str, Tensor]:
        """How far the linear code's subspace agrees with that of the first principal components of these images."""
        if not self.cfg.linear:
            return {}
        flat = x.flatten(1)
        axes = torch.linalg.qr(self.decoder[0].weight.float()).Q  # [P, latent]
        pca = torch.linalg.svd(flat - flat.mean(0), full_matrices=False).Vh[: self.cfg.latent]
        cosines = torch.linalg.svdvals(pca @ axes).clamp(max=1)  # 1: a direction that both have
        return {"cosines of principal angles to PCA": cosines, "mean cosine to PCA": cosines.mean()}

    def chance(self, batch_size: int) -> float | None:
        """ln 2: every pixel reconstructed as 0.5 (cross entropy only)."""
        return math.log(2) if self.cfg.error == "bce" else None

    def floor(self, x: Tensor) -> float | None:
        """The entropy of the pixels themselves (cross entropy only)."""
        return pixel_floor(x, self.cfg.error)
