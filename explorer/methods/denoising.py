"""Denoising autoencoder, Vincent et al. 2008, doi:10.1145/1390156.1390294, and 2010, jmlr.org/papers/v11/vincent10a."""

from typing import Literal

import torch
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.augment import noise
from explorer.core import Batch, Build, DataSpec, MethodConfig, generator, method
from explorer.losses import pixel_error
from explorer.nn import Decoder, Decoding, pixel_floor, see_whole, unremembered


class Config(MethodConfig):
    """Hyperparameters of the denoising autoencoder."""

    noise: Literal["masking", "gaussian"] = Field(
        "gaussian",
        description="corruption: masking sets some pixels to 0 (paper of 2008), Gaussian noise changes all (2010 too) "
        "and also suits images of few pixels",
    )
    share: float = Field(
        0.25, ge=0.0, le=0.95, description="share of the pixels that masking noise sets to 0 (paper: 0.1 to 0.5)"
    )
    sigma: float = Field(
        0.2, ge=0.0, le=2.0, description="standard deviation of Gaussian noise, clipped to [0, 1] (paper: 0.05 to 0.5)"
    )
    latent: int = Field(128, ge=1, le=2048, description="latent dimension; noise allows more than there are pixels")
    hidden: int = Field(256, ge=8, le=2048, description="width of an mlp encoder's hidden layers")
    error: Literal["bce", "mse"] = Field(
        "bce", description="reconstruction loss per pixel: cross entropy or squared error"
    )


@method(
    "Denoising autoencoder",
    family="autoencoder",
    paper="doi:10.1145/1390156.1390294",
    equation=r"\min\ \mathbb E_{\tilde x \sim q(\tilde x \mid x)}\ L\big(x,\ D(E(\tilde x))\big)",
)
class Denoising(Decoding):
    """Reconstructs the clean image from a corrupted one (denoising)."""

    train_defaults = {
        "encoder": "mlp", "epochs": 60, "batch": 64, "optimizer": "adam", "lr": 2e-3, "schedule": "constant",
        "weight_decay": 0.0,
    }  # fmt: skip

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build(hidden=cfg.hidden)
        self.code = nn.Linear(self.encoder.dim, cfg.latent)
        self.decoder = Decoder(cfg.latent, 0, spec)  # one layer, as in the paper: the code must hold all

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The corrupted image x~ ~ q(x~ | x) is the input, the image the target."""
        return {"noisy": self.corrupt(batch.x, rng), "image": batch.x}

    def corrupt(self, x: Tensor, rng: Generator) -> Tensor:
        """Noise on all pixels, or a share of them, chosen anew for each image, at 0 in all channels."""
        if self.cfg.noise == "gaussian":
            return noise(x, rng, self.cfg.sigma)[0]
        b, _, h, w = x.shape
        rank = torch.rand(b, h * w, generator=rng, device=x.device).argsort(1).argsort(1)  # of each pixel, a lottery
        masked = rank < round(self.cfg.share * h * w)
        return x.masked_fill(masked.view(b, 1, h, w), 0.0)

    def loss(self, noisy: Tensor, image: Tensor) -> dict[str, Tensor]:
        """The reconstruction error between the output and the clean image, per pixel."""
        return {"loss": pixel_error(self.decoder(self.code_of(noisy)), image, self.cfg.error)}

    def code_of(self, noisy: Tensor) -> Tensor:
        """The code `[B, latent]` of corrupted images, which batch norm forgets."""
        with unremembered(self.encoder):
            return self.embed(noisy)

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the batch norm statistics, if there are any, with clean images, which are what is embedded."""
        see_whole(self.encoder, batch.x)

    def embed(self, x: Tensor) -> Tensor:
        """The code `[B, latent]`."""
        return self.code(self.encoder.embed(x))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """The same corrupted images at every time, and their reconstructions."""
        noisy = self.corrupt(x, generator(0, "gallery", device=x.device))
        return {"noisy": noisy, "reconstruction": self.decode(self.code_of(noisy))}

    def floor(self, x: Tensor) -> float | None:
        """The entropy of the pixels themselves (cross entropy only)."""
        return pixel_floor(x, self.cfg.error)
