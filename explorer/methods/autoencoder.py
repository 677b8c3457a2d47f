"""Undercomplete autoencoder, Hinton and Salakhutdinov 2006, doi:10.1126/science.1127647; sizes as in the lecture."""

import math
from typing import Literal

from pydantic import Field
from torch import Generator, Tensor, nn
from torch.nn.functional import mse_loss

from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, method
from explorer.losses import pixel_bce, pixel_entropy
from explorer.nn import mlp


class Config(MethodConfig):
    """Knobs of the autoencoder."""

    latent: int = Field(10, ge=1, le=512, description="numbers in the code; the narrower, the more must be left out")
    hidden: int = Field(
        128, ge=8, le=2048, description="width of the decoder's two hidden layers, and of an mlp encoder's"
    )
    error: Literal["bce", "mse"] = Field("bce", description="what a wrong pixel costs: cross entropy or squared error")


@method(
    "Autoencoder",
    family="autoencoder",
    paper="doi:10.1126/science.1127647",
    equation=r"\mathcal L = -\frac{1}{P}\sum_{p} x_p \log \hat x_p + (1 - x_p)\log(1 - \hat x_p),"
    r"\qquad \hat x = \sigma(D(E(x)))",
)
class Autoencoder(Method):
    """Squeeze each image through a few numbers and draw it again from them."""

    train_defaults = {
        "encoder": "mlp", "epochs": 5, "batch": 128, "optimizer": "adam", "lr": 1e-3, "schedule": "constant",
        "weight_decay": 0.0,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build(hidden=cfg.hidden)
        self.code = nn.Linear(self.encoder.out_dim, cfg.latent)  # no ReLU: a code may be negative
        self.decoder = mlp(cfg.latent, cfg.hidden, cfg.hidden, spec.channels * spec.size**2)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The image itself is question and answer."""
        return {"image": batch.x}

    def loss(self, image: Tensor) -> dict[str, Tensor]:
        """How far the drawing is from the image, per pixel."""
        logits = self.draw(self.embed(image))
        error = pixel_bce(logits, image) if self.cfg.error == "bce" else mse_loss(logits.sigmoid(), image)
        return {"loss": error}

    def draw(self, z: Tensor) -> Tensor:
        """The logits `[B, C, H, W]` of a drawing."""
        return self.decoder(z).unflatten(1, (self.spec.channels, self.spec.size, self.spec.size))

    def embed(self, x: Tensor) -> Tensor:
        """The code `[B, latent]`."""
        return self.code(self.encoder(x))

    def decode(self, z: Tensor) -> Tensor:
        """The drawing of a code."""
        return self.draw(z).sigmoid()

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image's drawing."""
        return {"reconstruction": self.decode(self.embed(x))}

    def chance(self, batch_size: int) -> float | None:
        """ln 2: every pixel drawn as 0.5 (cross entropy only)."""
        return math.log(2) if self.cfg.error == "bce" else None

    def floor(self, x: Tensor) -> float | None:
        """The entropy of the pixels themselves (cross entropy only)."""
        return pixel_entropy(x).item() if self.cfg.error == "bce" else None
