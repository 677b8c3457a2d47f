"""Context encoder, Pathak et al. 2016, arXiv:1604.07379.

The adversary judges the whole picture with the hole filled; the encoder and the painter are judged, the judge learns.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Generator, Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from explorer.augment import hole
from explorer.core import Batch, Build, DataSpec, Method, MethodConfig, generator, method
from explorer.nn import Filler, hole_error, see_whole, unremembered


class Config(MethodConfig):
    """Hyperparameters of the context encoder."""

    kind: Literal["centre", "block", "region"] = Field(
        "region", description="mask: a square in the centre, a square anywhere, or many squares (paper's best)"
    )
    share: float = Field(0.25, ge=0.05, le=0.75, description="masked share of the image (paper: a quarter)")
    adversarial: bool = Field(False, description="adversarial loss: a discriminator tells true images from filled ones")
    weight: float = Field(
        0.001,
        gt=0.0,
        le=1.0,
        description="weight of the adversarial loss, if on, beside the squared error (paper: 0.001)",
    )


@method(
    "Context encoder",
    family="pretext",
    paper="arXiv:1604.07379",
    equation=r"\mathcal L = (1 - \lambda)\,\lVert M \odot (x - F((1 - M) \odot x))\rVert^2"
    r" - \lambda \log D\big(F((1 - M) \odot x)\big)",
)
class ContextEncoder(Method):
    """Inpainting: reconstructs a masked region of the image from its surroundings."""

    train_defaults = {"batch": 128, "epochs": 20}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.filler = Filler(self.encoder, spec)
        if cfg.adversarial:
            judge = build(share=0.5)
            self.judge = nn.Sequential(judge, nn.Linear(judge.out_dim, 1))

    def players(self) -> dict[str, list[nn.Parameter]]:
        """The generator and the discriminator, each with a loss of its own."""
        fillers = {"loss": [*self.encoder.parameters(), *self.filler.parameters()]}
        return fillers | ({"adversary": [*self.judge.parameters()]} if self.cfg.adversarial else {})

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """Each image with a masked region, the image itself, and the mask."""
        where = hole(batch.x, rng, self.cfg.kind, self.cfg.share)  # [B, 1, H, W]
        return {"hidden": batch.x.masked_fill(where, 0.5), "image": batch.x, "hole": where}

    def loss(self, hidden: Tensor, image: Tensor, hole: Tensor) -> dict[str, Tensor]:
        """Squared error in the hole, equation 1; with an adversary the joint loss, equation 3."""
        fill = self.fill(hidden)
        error = hole_error(fill, image, hole).mean()
        if not self.cfg.adversarial:
            return {"loss": error}
        filled = torch.where(hole, fill, image)
        fooled = verdict(self.judge(filled), true=True)
        caught = verdict(self.judge(image), true=True) + verdict(self.judge(filled.detach()), true=False)
        joint = (1 - self.cfg.weight) * error + self.cfg.weight * fooled
        return {"loss": joint, "adversary": caught / 2, "error": error.detach(), "fooled": fooled.detach()}

    def fill(self, hidden: Tensor) -> Tensor:
        """A whole image `[B, C, H, W]` reconstructed from its visible part."""
        with unremembered(self.encoder):
            return self.filler(self.encoder.feature_map(hidden))

    def after_step(self, out: dict[str, Tensor], batch: Batch, progress: float) -> None:
        """Updates the batch norm statistics with whole images, which are what is embedded."""
        see_whole(self.encoder, batch.x)

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """Each image with its hole, always alike, and the hole filled."""
        where = hole(x, generator(0, "gallery", device=x.device), self.cfg.kind, self.cfg.share)
        hidden = x.masked_fill(where, 0.5)
        return {"hidden": hidden, "filled": torch.where(where, self.fill(hidden), x)}


def verdict(logits: Tensor, true: bool) -> Tensor:
    """Cross entropy of the discriminator's output `[B, 1]` that images are true, nats: ln 2 by chance."""
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(true)))
