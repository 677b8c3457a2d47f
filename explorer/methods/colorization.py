"""Colorization, Zhang, Isola and Efros 2016, arXiv:1603.08511, sections 2.1 to 2.3."""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor

from explorer.core import Batch, Build, DataSpec, Method, Needs, ablates, method
from explorer.losses import soft_cross_entropy
from explorer.nn.colour_space import Coloured, Palette, Places, grey_of, rebalanced, to_lab, to_rgb

MEMORY = 0.05  # share of the prior that a batch renews


class Config(Coloured):
    """Hyperparameters of colorization."""

    rebalance: float = Field(
        1.0,
        ge=0.0,
        le=1.0,
        description="class rebalancing, the weight of rare colours: 1 as in the paper, 0 = the same for all",
        json_schema_extra=ablates("most pixels are nearly grey, and so are the predictions then", 0.0),
    )
    temperature: float = Field(
        0.38,
        ge=0.05,
        le=1.0,
        description="temperature of the predicted colour that is shown: 1 = mean of the prediction, towards 0 its mode",
    )


@method(
    "Colorization",
    family="pretext",
    paper="arXiv:1603.08511",
    equation=r"\mathcal L = -\sum_{h,w} v(Z_{h,w}) \sum_q Z_{h,w,q} \log \hat Z_{h,w,q}, \qquad "
    r"v(Z) = \sum_q w_q Z_q,\quad w \propto \Big((1 - \lambda)\,\tilde p + \tfrac{\lambda}{Q}\Big)^{-1}",
    needs=Needs(colour=True),
)
class Colorization(Method):
    """Predicts the colours of an image from its lightness, which requires recognising what it shows."""

    train_defaults = {"batch": 128, "optimizer": "adamw", "lr": 2e-3}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build(channels=1)
        self.palette = Palette(cfg.bin)
        self.places = Places(self.encoder, 1, spec.size, len(self.palette))
        self.register_buffer("prior", torch.full((len(self.palette),), 1 / len(self.palette)))  # [Q], a running mean

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The lightness is the input, the quantised colours are the target."""
        x = self.cfg.cropped(batch.x, rng) if self.training else batch.x
        return {"grey": grey_of(x), "colour": self.places.shrunk(x)}

    def loss(self, grey: Tensor, colour: Tensor) -> dict[str, Tensor]:
        """Cross entropy of soft classes of colour at every place, in which rare colours weigh more."""
        z_hat = self.guess(grey)  # [B, Q, h, w]
        z = self.palette.encode(to_lab(colour)[:, 1:])  # [B, Q, h, w]
        w = rebalanced(self.prior, self.cfg.rebalance)  # [Q]
        v = (w[:, None, None] * z).sum(1)  # [B, h, w], 1 on average; the paper takes the w of the likeliest class
        return {"loss": soft_cross_entropy(z_hat, z, v), "colours": z.mean((2, 3))}

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """The prior moves towards the colours of this batch."""
        self.prior.lerp_(out["colours"].mean(0), MEMORY)

    def guess(self, grey: Tensor) -> Tensor:
        """The logits `[B, Q, h, w]` of the colour at every place."""
        return self.places(self.encoder.feature_map(grey))

    def embed(self, x: Tensor) -> Tensor:
        """The features of the lightness alone."""
        return self.encoder.embed(grey_of(x))

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each grey image, and its lightness with the predicted colours."""
        grey = grey_of(x)
        ab = self.palette.decode(self.guess(grey), self.cfg.temperature)
        ab = F.interpolate(ab, x.shape[-2:], mode="bilinear")
        return {"grey": grey, "coloured": to_rgb(torch.cat([100 * grey, ab], 1))}

    def chance(self, batch_size: int) -> float:
        """ln Q: all colour classes are equally likely."""
        return math.log(len(self.palette))
