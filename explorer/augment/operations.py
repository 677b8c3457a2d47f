"""Operations on whole images: geometry, colour, blur, noise, edges; and the list of those that can be looked at."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from explorer.augment.constants import constant

Drawn = tuple[Tensor, dict[str, Tensor]]
GREY = (0.299, 0.587, 0.114)  # luma weights of ITU-R BT.601, as in every image library
TURN = ((0.0, -1.0, 1.0), (1.0, 0.0, -1.0), (-1.0, 1.0, 0.0))  # about the axis of all greys, before it has length 1
ASPECT, DRAWS = math.log(4 / 3), 10  # of a crop: the largest logarithm of width / height, and the tries
SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


def uniform(shape: int | tuple[int, ...], low: float, high: float, rng: Generator) -> Tensor:
    """So many numbers between low and high on the generator's device."""
    return torch.rand(shape, generator=rng, device=rng.device) * (high - low) + low


def chosen(n: int, probability: float, rng: Generator) -> Tensor:
    """`[n]` booleans, each true with this probability."""
    return torch.rand(n, generator=rng, device=rng.device) < probability


# ---------------------------------------------------------------------------------------------- geometry


def crop_flip(
    x: Tensor, rng: Generator, scale: float = 0.2, flip: float = 0.5, largest: float = 1.0, size: int | None = None
) -> Drawn:
    """Random resized crop and horizontal flip in one `grid_sample`: area from [scale, largest], aspect from [3/4, 4/3].

    The crops come at `size` pixels, or at the image's own. Their law is that of torchvision's `RandomResizedCrop`.
    """
    n = len(x)
    w, h = _sides(n, scale, largest, rng)
    cx, cy = (1 - w) * uniform(n, -1, 1, rng), (1 - h) * uniform(n, -1, 1, rng)  # centre, in [-1, 1]
    sign = 1 - 2 * chosen(n, flip, rng).float()
    across, down = _places(w * sign, cx, size or x.shape[3]), _places(h, cy, size or x.shape[2])
    grid = torch.stack(torch.broadcast_tensors(across[:, None, :], down[:, :, None]), -1)  # [B, H, W, 2]
    out = F.grid_sample(x, grid, "bilinear", "border", align_corners=False)
    return out, {"width": w, "height": h, "x": cx, "y": cy, "flipped": sign < 0}


def _sides(n: int, scale: float, largest: float, rng: Generator) -> tuple[Tensor, Tensor]:
    """Sides `[n]` of crops, in shares of the image's: of the first of ten draws that lies inside, or the image's own.

    To clamp the aspect ratio instead would keep more of the large areas, which seldom lie inside.
    """
    area, log_ratio = uniform((n, DRAWS), scale, largest, rng), uniform((n, DRAWS), -ASPECT, ASPECT, rng)
    inside = log_ratio.abs() <= -area.log()
    first = inside.int().argmax(1, keepdim=True)  # of equally large ones the first
    area, log_ratio = (drawn.gather(1, first)[:, 0] for drawn in (area, log_ratio))
    some = inside.any(1)
    return tuple(torch.where(some, area.sqrt() * (ratio / 2).exp(), 1.0) for ratio in (log_ratio, -log_ratio))


def _places(width: Tensor, centre: Tensor, size: int) -> Tensor:
    """The middles `[B, size]` of the pixels of a crop, as `grid_sample` counts them: from -1 to 1 over the image.

    As `affine_grid` would give them, which multiplies matrices and takes nine times as long.
    """
    middles = (torch.arange(size, device=width.device) * 2 + 1) / size - 1
    return torch.addcmul(centre[:, None], width[:, None], middles)


def turned(x: Tensor, turns: Tensor) -> Tensor:
    """Each image `[B, C, S, S]` turned by its number of quarter turns `[B]`, counter-clockwise."""
    every = torch.stack([torch.rot90(x, k, (2, 3)) for k in range(4)])  # [4, B, C, H, W]
    return every[turns % 4, torch.arange(len(x), device=x.device)]


def quarter_turn(x: Tensor, rng: Generator, probability: float = 1.0) -> Drawn:
    """Rotation by 90, 180 or 270 degrees, counter-clockwise."""
    n = len(x)
    turns = torch.randint(1, 4, (n,), generator=rng, device=x.device) * chosen(n, probability, rng)
    return turned(x, turns), {"degrees": 90 * turns}


def cutout(x: Tensor, rng: Generator, share: float = 0.4) -> Drawn:
    """A grey square over a share of the side, DeVries and Taylor 2017, arXiv:1708.04552."""
    n, size = len(x), x.shape[-1]
    side = max(1, round(share * size))
    cx, cy = (torch.randint(0, size, (n, 1), generator=rng, device=x.device) for _ in range(2))
    place = torch.arange(size, device=x.device)
    inside_x, inside_y = ((place - c + side // 2 >= 0) & (place - c + side // 2 < side) for c in (cx, cy))
    hole = inside_y[:, None, :, None] & inside_x[:, None, None, :]  # [B, 1, H, W]
    return x.masked_fill(hole, 0.5), {"x": cx[:, 0], "y": cy[:, 0]}


# ------------------------------------------------------------------------------------------------ colour


def colour_matrix(brightness: Tensor, contrast: Tensor, saturation: Tensor, hue: Tensor, mean: Tensor) -> Drawn:
    """Brightness, contrast, saturation and hue as one affine map of RGB: matrix `[B, 3, 3]`, offset `[B, 3]`.

    brightness, contrast, saturation: factors `[B]`; hue: turn `[B]` in whole circles; mean: mean grey value `[B]`.
    Each step is what image libraries do, but the hue turns about the grey axis (theirs is piecewise linear in HSV)
    and values are clamped once, at the end.
    """
    eye = torch.eye(3, device=mean.device)
    grey = constant(GREY, mean.device).expand(3, 3)
    cos, sin = (2 * math.pi * hue).cos()[:, None, None], (2 * math.pi * hue).sin()[:, None, None]
    axis = constant(TURN, mean.device) / math.sqrt(3)
    turn = cos * eye + (1 - cos) / 3 + sin * axis  # Rodrigues' formula about (1, 1, 1) / sqrt 3
    s = saturation[:, None, None]
    matrix = turn @ (s * eye + (1 - s) * grey) * (contrast * brightness)[:, None, None]
    offset = ((1 - contrast) * brightness * mean)[:, None].expand(-1, 3)  # a grey offset: neither step below moves it
    return matrix, offset


def colour_jitter(
    x: Tensor, rng: Generator, strength: float = 0.5, probability: float = 0.8, grey: float = 0.2, turn: float = 0.2
) -> Drawn:
    """SimCLR's colour distortion: factors within 0.8 x strength, hue within turn x strength, then grey for some.

    Grey images have no saturation and no hue; they get brightness and contrast.
    """
    n = len(x)
    on = chosen(n, probability, rng).float()
    spread = min(0.8 * strength, 1.0)
    b, c, s = (1 + on * uniform(n, -spread, spread, rng) for _ in range(3))
    hue = on * uniform(n, -1, 1, rng) * min(turn * strength, 0.5)
    s = s * ~chosen(n, grey, rng)  # no saturation at all is a grey image
    drawn = {"brightness": b, "contrast": c, "saturation": s, "hue": hue}
    if x.shape[1] == 1:
        factor, offset = (b * c)[:, None, None, None], ((1 - c) * b * x.mean((1, 2, 3)))[:, None, None, None]
        return torch.addcmul(offset, x, factor).clamp_(0, 1), {k: drawn[k] for k in ("brightness", "contrast")}
    weights = constant(GREY, x.device)
    matrix, offset = colour_matrix(b, c, s, hue, x.mean((2, 3)) @ weights)
    out = torch.baddbmm(offset[:, :, None], matrix, x.flatten(2)).view_as(x)
    return out.clamp_(0, 1), drawn


def to_grey(x: Tensor, rng: Generator, probability: float = 1.0) -> Drawn:
    """Colour dropping: the luma in all three channels."""
    on = chosen(len(x), probability, rng)
    luma = torch.einsum("bchw,c->bhw", x, constant(GREY, x.device))[:, None] if x.shape[1] == 3 else x
    return torch.where(on[:, None, None, None], luma.expand_as(x), x), {"grey": on}


def drop_channels(x: Tensor, rng: Generator, probability: float = 1.0) -> Drawn:
    """One of the colour channels, chosen at random, in place of all three; grey images stay as they are."""
    n = len(x)
    on, kept = chosen(n, probability, rng), torch.randint(x.shape[1], (n,), generator=rng, device=x.device)
    alone = x[torch.arange(n, device=x.device), kept][:, None].expand_as(x)
    return torch.where(on[:, None, None, None], alone, x), {"kept": torch.where(on, kept, -1)}


# ----------------------------------------------------------------------------------- blur, noise, edges


def blur(x: Tensor, rng: Generator, sigma: float = 1.0, probability: float = 1.0) -> Drawn:
    """Gaussian blur with a standard deviation from [0.1, sigma] pixels."""
    n, channels, size = len(x), x.shape[1], x.shape[-1]
    sigmas = uniform(n, 0.1, max(sigma, 0.1), rng)
    on = chosen(n, probability, rng)
    radius = min(max(1, math.ceil(2 * sigma)), size - 1)
    place = torch.arange(-radius, radius + 1, device=x.device)
    kernel = torch.softmax(-(place**2) / (2 * sigmas[:, None] ** 2), dim=1).repeat_interleave(channels, 0)  # [B*C, K]
    flat = F.pad(x.reshape(1, n * channels, *x.shape[2:]), [radius] * 4, "reflect")
    rows = F.conv2d(flat, kernel[:, None, None, :], groups=n * channels)
    out = F.conv2d(rows, kernel[:, None, :, None], groups=n * channels).view_as(x)
    return torch.where(on[:, None, None, None], out, x), {"sigma": sigmas * on}


def noise(x: Tensor, rng: Generator, sigma: float = 0.1) -> Drawn:
    """Gaussian noise of this standard deviation, clamped to [0, 1]."""
    drawn = torch.randn(x.shape, generator=rng, device=x.device)
    return (x + sigma * drawn).clamp(0, 1), {"sigma": torch.full((len(x),), sigma, device=x.device)}


def sobel(x: Tensor, rng: Generator, strength: float = 1.0) -> Drawn:
    """Edges: the length of the Sobel gradient, blended over the image by strength. Draws nothing."""
    kernel = constant(SOBEL, x.device)
    both = torch.stack([kernel, kernel.T])[:, None].repeat(x.shape[1], 1, 1, 1)  # [2C, 1, 3, 3]
    gradient = F.conv2d(F.pad(x, [1] * 4, "replicate"), both, groups=x.shape[1]).unflatten(1, (-1, 2))
    edges = gradient.square().sum(2).sqrt().clamp(0, 1)
    return torch.lerp(x, edges, strength), {}


# -------------------------------------------------------------------------------------------- operations


class Operation(NamedTuple):
    """One operation with a single strength, for looking at it."""

    title: str
    summary: str
    low: float
    high: float
    default: float
    run: Callable[[Tensor, Generator, float], Drawn]
    needs_colour: bool = False


OPERATIONS: dict[str, Operation] = {
    "crop": Operation(
        "Crop", "smallest share of the image's area that is kept", 0.05, 1, 0.2, lambda x, g, s: crop_flip(x, g, s, 0)
    ),
    "crop_flip": Operation(
        "Crop and flip", "the same; every second image is mirrored", 0.05, 1, 0.2, lambda x, g, s: crop_flip(x, g, s)
    ),
    "grey": Operation("Colour drop", "probability of conversion to greyscale", 0, 1, 1, to_grey, True),
    "jitter": Operation(
        "Colour jitter", "strength of brightness, contrast, saturation, hue", 0, 1.25, 0.5,
        lambda x, g, s: colour_jitter(x, g, s, 1, 0),
    ),
    "rotate": Operation("Rotate", "probability of a quarter, half or three-quarter turn", 0, 1, 1, quarter_turn),
    "cutout": Operation("Cutout", "side of the masked square as a share of the image's", 0.05, 0.9, 0.4, cutout),
    "noise": Operation("Gaussian noise", "standard deviation", 0, 0.5, 0.1, noise),
    "blur": Operation("Gaussian blur", "largest standard deviation in pixels", 0.1, 4, 1, blur),
    "sobel": Operation("Sobel", "share of the edge image in the result", 0, 1, 1, sobel),
}  # fmt: skip
