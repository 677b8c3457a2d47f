"""Split-brain autoencoder, Zhang, Isola and Efros 2017, arXiv:1611.09842, with classes for both channels."""

import math

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Generator, Tensor

from explorer.core import Batch, Build, DataSpec, Method, Needs, method
from explorer.losses import soft_cross_entropy
from explorer.nn.colour_space import Coloured, Palette, Places, ab_of_pale, pale, to_lab, to_rgb

SHOWN = 0.38  # temperature of what is shown, as in colorization


class Config(Coloured):
    """Hyperparameters of the split brain."""

    greys: int = Field(20, ge=2, le=100, description="lightness classes (fewer than in the paper, as for the colours)")


@method(
    "Split-brain autoencoder",
    family="pretext",
    paper="arXiv:1611.09842",
    equation=r"\mathcal L = \mathcal L_{ab}\big(\mathcal F_1(X_L), X_{ab}\big)"
    r" + \mathcal L_{L}\big(\mathcal F_2(X_{ab}), X_L\big), \qquad \mathcal F = (\mathcal F_1, \mathcal F_2)",
    needs=Needs(colour=True),
)
class SplitBrain(Method):
    """Cross-channel prediction: one half of the encoder predicts colour from lightness, the other the reverse."""

    train_defaults = {"batch": 128, "optimizer": "adamw", "lr": 2e-3}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.palette = Palette(cfg.bin)
        self.f1, self.f2 = build(channels=1, share=0.5), build(channels=2, share=0.5)
        self.ab = Places(self.f1, 1, spec.size, len(self.palette))
        self.light = Places(self.f2, 2, spec.size, cfg.greys)

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """The input of each half: lightness without colour, colour without lightness."""
        x = self.cfg.cropped(batch.x, rng) if self.training else batch.x
        lab = to_lab(x)
        return {"grey": lab[:, :1] / 100, "colour": pale(lab[:, 1:])}

    def loss(self, grey: Tensor, colour: Tensor) -> dict[str, Tensor]:
        """Each half predicts the other's input."""
        ab = ab_of_pale(colour)
        colours = self.palette.encode(self.ab.shrunk(ab))  # [B, Q, h, w]
        greys = self.step(self.light.shrunk(grey))  # [B, S, h, w]
        ab_loss = soft_cross_entropy(self.ab(self.f1.feature_map(grey)), colours)
        light_loss = soft_cross_entropy(self.light(self.f2.feature_map(centred(ab))), greys)
        return {"loss": ab_loss + light_loss, "ab": ab_loss.detach(), "lightness": light_loss.detach()}

    def step(self, grey: Tensor) -> Tensor:
        """The step of lightness `[B, S, h, w]` of grey values `[B, 1, h, w]`: 1 at the one, 0 at the others."""
        index = (grey * self.cfg.greys).long().clamp(0, self.cfg.greys - 1)
        return F.one_hot(index[:, 0], self.cfg.greys).movedim(-1, 1).to(grey.dtype)

    def embed(self, x: Tensor) -> Tensor:
        """Both halves side by side."""
        lab = to_lab(x)
        return torch.cat([self.f1.embed(lab[:, :1] / 100), self.f2.embed(centred(lab[:, 1:]))], 1)

    def gallery(self, x: Tensor) -> dict[str, Tensor]:
        """The input of each half, and its prediction of the other half's input."""
        lab = to_lab(x)
        grey, ab = lab[:, :1] / 100, lab[:, 1:]
        guess = F.interpolate(self.colour_from(grey), x.shape[-2:], mode="bilinear")
        return {
            "grey": grey,
            "colour_from_grey": to_rgb(torch.cat([100 * grey, guess], 1)),
            "colour": pale(ab),
            "grey_from_colour": F.interpolate(self.grey_from(ab), x.shape[-2:], mode="bilinear"),
        }

    def colour_from(self, grey: Tensor) -> Tensor:
        """The first half's prediction of the colours, `[B, 2, h, w]`."""
        return self.palette.decode(self.ab(self.f1.feature_map(grey)), SHOWN)

    def grey_from(self, ab: Tensor) -> Tensor:
        """The second half's prediction of the lightness, `[B, 1, h, w]` in [0, 1]."""
        shares = (self.light(self.f2.feature_map(centred(ab))).float() / SHOWN).softmax(1)  # [B, S, h, w]
        middles = (torch.arange(self.cfg.greys, device=ab.device) + 0.5) / self.cfg.greys
        return torch.einsum("bshw,s->bhw", shares, middles)[:, None]

    def chance(self, batch_size: int) -> float:
        """ln Q + ln S: all classes of colour and of lightness are equally likely."""
        return math.log(len(self.palette)) + math.log(self.cfg.greys)


def centred(ab: Tensor) -> Tensor:
    """Colours as a network takes them: about [0, 1]."""
    return ab / 220 + 0.5
