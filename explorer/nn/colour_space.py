"""Colour in CIE L*a*b* (white D65): L is the lightness in [0, 100]; a (green to red) and b (blue to yellow) the colour.

sRGB by IEC 61966-2-1, L*a*b* by CIE 15:2004. Only sums and powers, so no autocast makes them coarse.
"""

import math
from functools import cache

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from explorer.core import Encoder
from explorer.nn.augmentation_config import Cropped

XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
FROM_LINEAR = [[part / sum(row) for part in row] for row in XYZ]  # XYZ over that of white, so that white is (1, 1, 1)
TO_LINEAR = torch.tensor(FROM_LINEAR, dtype=torch.float64).inverse().tolist()
BEND = 6 / 29  # below it the cube root is continued by a line
NEAREST = 5  # squares that a colour belongs to
PALE, AROUND = 0.5, 60.0  # half as colourful and at this lightness, every ab of sRGB is again a colour of sRGB


def to_lab(x: Tensor) -> Tensor:
    """Images `[B, 3, H, W]` in [0, 1] as L, a, b `[B, 3, H, W]`; differentiable."""
    x, y, z = bent(mixed(linear(x), FROM_LINEAR)).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def grey_of(x: Tensor) -> Tensor:
    """The lightness of images alone, as grey images `[B, 1, H, W]` in [0, 1]."""
    return 1.16 * bent(mixed(linear(x), FROM_LINEAR[1:2])) - 0.16


def linear(x: Tensor) -> Tensor:
    """Amounts of light that sRGB values stand for."""
    return torch.where(x > 0.04045, ((x + 0.055) / 1.055) ** 2.4, x / 12.92)


def bent(t: Tensor) -> Tensor:
    """The cube root, which eyes see of an amount of light; a line near black."""
    return torch.where(t > BEND**3, t.clamp(min=BEND**3) ** (1 / 3), t / (3 * BEND**2) + 4 / 29)


def to_rgb(lab: Tensor) -> Tensor:
    """The images `[B, 3, H, W]` in [0, 1] of L, a, b; what no screen can show is clamped."""
    light, a, b = lab.unbind(1)
    y = (light + 16) / 116
    f = torch.stack([y + a / 500, y, y - b / 200], 1)
    t = torch.where(f > BEND, f**3, 3 * BEND**2 * (f - 4 / 29))
    light = mixed(t, TO_LINEAR).clamp(0, 1)
    return torch.where(light > 0.0031308, 1.055 * light.clamp(min=0.0031308) ** (1 / 2.4) - 0.055, 12.92 * light)


def mixed(x: Tensor, matrix: list[list[float]]) -> Tensor:
    """Each row of the matrix is one new channel."""
    return torch.stack(
        [sum(weight * channel for weight, channel in zip(row, x.unbind(1), strict=True)) for row in matrix], 1
    )


def pale(ab: Tensor) -> Tensor:
    """Colours `[B, 2, H, W]` without their lightness, as images `[B, 3, H, W]` in [0, 1] that show all of them."""
    return to_rgb(torch.cat([torch.full_like(ab[:, :1], AROUND), PALE * ab], 1))


def ab_of_pale(x: Tensor) -> Tensor:
    """The colours that `pale` was given."""
    return to_lab(x)[:, 1:] / PALE


# -------------------------------------------------------------------------------------- classes of colour


@cache
def in_gamut(side: float) -> Tensor:
    """Centres `[Q, 2]` of those squares of the ab plane that hold a colour of sRGB (with 256 levels of each channel).

    The faces of the cube of all colours are looked at: what lies within has the ab of some colour on them.
    """
    level = torch.linspace(0, 1, 256, dtype=torch.float64)
    face = torch.cartesian_prod(level, level)
    edge = torch.ones_like(face[:, :1])
    faces = [torch.cat([face[:, :i], v * edge, face[:, i:]], 1) for i in range(3) for v in (0, 1)]
    a, b = (to_lab(torch.cat(faces))[:, 1:] / side).round().long().unbind(1)
    square = (1000 * (a + 500) + b + 500).unique()
    return side * torch.stack([square // 1000 - 500, square % 1000 - 500], 1).float()


class Coloured(Cropped):
    """How finely colours are quantised, for methods that predict them."""

    bin: float = Field(
        20.0, ge=10.0, le=50.0,
        description="bin width of colour classes in the ab plane: 10 gives 261, 20 gives 77 (paper: 10; few "
        "small images show too little of each)",
    )  # fmt: skip


class Palette(nn.Module):
    """Colours as classes: squares of the ab plane, Zhang, Isola and Efros 2016, section 2.

    Squares of side 10 that hold a colour of sRGB are 261; the paper's 313 have some around them that hold none.
    """

    def __init__(self, side: float) -> None:
        super().__init__()
        self.register_buffer("centres", in_gamut(side), persistent=False)  # [Q, 2]
        self.sigma = side / 2  # the paper's 5 at its side of 10

    def __len__(self) -> int:
        return len(self.centres)

    def encode(self, ab: Tensor) -> Tensor:
        """`[B, 2, h, w]` to `[B, Q, h, w]`: each colour shared among its 5 nearest squares, by a Gaussian."""
        square = sum((ab[:, i, None] - self.centres[:, i, None, None]).square() for i in (0, 1))  # [B, Q, h, w]
        near, which = square.topk(min(NEAREST, len(self)), dim=1, largest=False)
        shares = (-near / (2 * self.sigma**2)).softmax(1)
        return torch.zeros_like(square).scatter(1, which, shares)

    def decode(self, logits: Tensor, temperature: float = 0.38) -> Tensor:
        """The annealed mean `[B, 2, h, w]` of logits `[B, Q, h, w]`, eq. 5: at 1 the mean, towards 0 the mode."""
        return torch.einsum("bqhw,qc->bchw", (logits.float() / temperature).softmax(1), self.centres)


def rebalanced(prior: Tensor, strength: float, mix: float = 0.5) -> Tensor:
    """Weights `[Q]` of classes, eq. 4: the rarer the heavier, 1 on average over the prior `[Q]`.

    The prior is mixed with a uniform one, then raised to minus the strength: 1 as in the paper, 0 for no weights.
    """
    weights = ((1 - mix) * prior + mix / len(prior)) ** -strength
    return weights / (prior * weights).sum()


class Places(nn.Module):
    """Scores of classes at a quarter of the image's side, from a map of features of any side.

    One linear map, which gives each place of the features a block of places of its own: so what is to be known must be
    in the features.
    """

    def __init__(self, encoder: Encoder, channels: int, size: int, classes: int) -> None:
        super().__init__()
        with torch.no_grad():
            features = encoder.eval().feature_map(torch.zeros(1, channels, size, size))
        encoder.train()
        block = math.ceil(size / 4 / features.shape[-1])
        self.side = block * features.shape[-1]
        self.scores = nn.ConvTranspose2d(features.shape[1], classes, block, block)

    def forward(self, features: Tensor) -> Tensor:
        """`[B, features, h, w]` to `[B, classes, side, side]`."""
        return self.scores(features)

    def shrunk(self, x: Tensor) -> Tensor:
        """Images as coarse as the scores are, each place the mean of its pixels."""
        return F.adaptive_avg_pool2d(x, self.side)
