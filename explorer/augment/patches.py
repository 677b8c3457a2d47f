"""Parts of images: tiles of a grid, overlapping patches, holes. Several parts of each image are `[B, V, C, h, w]`."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from explorer.augment.constants import constant
from explorer.augment.operations import Drawn

SQUARES = 80  # in a region, at most
LEAST = 4  # pixels of a tile's side: less shows nothing
FLAT = 0.02  # a deviation of pixels, below which contrast is noise
LARGEST = 512  # pixels of an image's side, in the search for those that can be cut
AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))  # down and right, in reading order


# ----------------------------------------------------------------------------------------------- tiles


class Cut(NamedTuple):
    """How images are cut into n x n places with a tile in each, in pixels."""

    n: int
    gap: int
    jitter: int
    side: int  # of a tile


def cut(size: int, grid: int, gap: float, jitter: float) -> Cut:
    """The cut of images of `size` pixels; gap and jitter are shares of a place, rounded down to whole pixels.

    A grid of 0 is 3 x 3 where images are large enough, else 2 x 2.
    """
    n = grid or (3 if size >= 24 else 2)
    place = size // n
    between, moved = (int(share * place + 1e-6) for share in (gap, jitter))
    return Cut(n, between, moved, place - between - moved)


def incompatible(size: int, grid: int, gap: float, jitter: float) -> str | None:
    """The rule that a cut breaks and the nearest cuts that keep it; None where the tiles are large enough."""

    def fits(size: int = size, grid: int = grid, gap: float = gap, jitter: float = jitter) -> bool:
        return cut(size, grid, gap, jitter).side >= LEAST

    if fits():
        return None
    smaller = [share / 100 for share in range(100)]
    least = max(s for s in range(size, LARGEST) if not fits(size=s)) + 1
    nearest = {
        "gap {} or less": max((s for s in smaller if s < gap and fits(gap=s)), default=None),
        "jitter {} or less": max((s for s in smaller if s < jitter and fits(jitter=s)), default=None),
        "grid {}": max((n for n in range(2, cut(size, grid, 0, 0).n) if fits(grid=n)), default=None),
        "images of at least {0}x{0} pixels": least,
    }
    layout = cut(size, grid, gap, jitter)
    return (
        f"cuts images of {size}x{size} into {layout.n}x{layout.n} tiles of {max(0, layout.side)} pixels, and {LEAST} "
        f"are the least: choose {' or '.join(text.format(n) for text, n in nearest.items() if n is not None)}"
    )


def gapless(size: int, grid: int, gap: float, jitter: float) -> str | None:
    """What to say of a gap that was meant and comes to no pixel, and the nearest that come to one; else None."""

    def parted(size: int = size, gap: float = gap) -> bool:
        layout = cut(size, grid, gap, jitter)
        return layout.gap > 0 and layout.side >= LEAST

    layout = cut(size, grid, gap, jitter)
    if gap == 0 or layout.gap > 0:
        return None
    wider = (share / 100 for share in range(100) if share / 100 > gap)
    least = max((s for s in range(size, LARGEST) if not parted(size=s)), default=LARGEST) + 1
    nearest = {
        "gap {} or more": next((s for s in wider if parted(gap=s)), None),
        "images of at least {0}x{0} pixels": least if least < LARGEST else None,
    }
    choices = " or ".join(text.format(n) for text, n in nearest.items() if n is not None)
    return (
        f"leaves no gap between its tiles: {gap:g} of a place of {size // layout.n} pixels rounds down to 0, which "
        f"is an ablation; choose {choices or 'a wider gap and larger images'}"
    )


def tiles(x: Tensor, n: int, gap: int = 0, jitter: int = 0, rng: Generator | None = None) -> Drawn:
    """The n x n tiles of each image in reading order, `[B, n*n, C, t, t]` with t = size // n - gap - jitter.

    `gap` pixels at least lie between neighbours, so that no line goes on from one to the next; each tile is moved by up
    to `jitter` pixels at random, or stands in the middle without a generator.
    """
    b, size = len(x), x.shape[-1]
    cell, side = size // n, size // n - gap - jitter
    if side < 1:
        raise ValueError(f"{n} x {n} tiles with a gap of {gap} and a jitter of {jitter} do not fit into {size} pixels")
    if rng is None:
        moved = torch.full((b, n * n, 2), jitter // 2, device=x.device)
    else:
        moved = torch.randint(0, jitter + 1, (b, n * n, 2), generator=rng, device=x.device)
    places = torch.arange(n * n, device=x.device)
    corners = torch.stack([places // n, places % n], 1) * cell + gap // 2 + moved  # [B, n*n, 2], top and left
    reach = torch.arange(side, device=x.device)
    rows, columns = corners[..., 0, None] + reach, corners[..., 1, None] + reach  # [B, n*n, t]
    image = torch.arange(b, device=x.device)[:, None, None, None]
    parts = x.permute(0, 2, 3, 1)[image, rows[..., :, None], columns[..., None, :]]  # [B, n*n, t, t, C]
    return parts.movedim(-1, 2).contiguous(), {"top": corners[..., 0], "left": corners[..., 1]}


def standardised(parts: Tensor) -> Tensor:
    """Parts `[B, V, C, h, w]`, each with mean 0.5 and deviation 0.25: all alike in light and contrast."""
    deviation, mean = torch.std_mean(parts, (2, 3, 4), correction=0, keepdim=True)
    return ((parts - mean) / deviation.clamp(min=FLAT) / 4 + 0.5).clamp(0, 1)


def shifted_channels(parts: Tensor, rng: Generator, reach: int = 1) -> Tensor:
    """Each colour channel of each part `[B, V, C, h, w]` moved by up to `reach` pixels along both sides, by itself.

    What a lens does to colours towards the edge of an image tells where a part was (chromatic aberration).
    """
    b, v, channels, h, w = parts.shape
    if channels == 1:
        return parts
    moved = torch.randint(-reach, reach + 1, (b * v * channels, 2, 1), generator=rng, device=parts.device)
    rows = (torch.arange(h, device=parts.device) + moved[:, 0]).clamp(0, h - 1)  # the edge is repeated
    columns = (torch.arange(w, device=parts.device) + moved[:, 1]).clamp(0, w - 1)
    flat, each = parts.flatten(0, 2), torch.arange(b * v * channels, device=parts.device)[:, None, None]
    return flat[each, rows[:, :, None], columns[:, None, :]].view_as(parts)


def assemble(parts: Tensor, n: int, size: int) -> Tensor:
    """Tiles `[B, n*n, C, t, t]` in reading order as one picture `[B, C, size, size]`, grey where there is none."""
    b, _, channels, side, _ = parts.shape
    picture = parts.new_full((b, channels, size, size), 0.5)
    cell = size // n
    for i in range(n * n):
        top, left = (k * cell + (cell - side) // 2 for k in divmod(i, n))
        picture[:, :, top : top + side, left : left + side] = parts[:, i]
    return picture


def neighbours(parts: Tensor, n: int, rng: Generator) -> tuple[Tensor, Tensor]:
    """A tile of each image and one beside it, `[B, 2, C, t, t]`, and in which direction of `AROUND` that lies `[B]`.

    parts: n x n tiles `[B, n*n, C, t, t]`. All directions are equally frequent, and all first tiles that
    have one there.
    """
    b = len(parts)
    direction = torch.randint(len(AROUND), (b,), generator=rng, device=parts.device)
    step = constant(AROUND, parts.device)[direction]  # [B, 2]
    first = (torch.rand(b, 2, generator=rng, device=parts.device) * (n - step.abs())).long() + (-step).clamp(min=0)
    both = torch.stack([first, first + step], 1)  # [B, 2, 2]
    return reordered(parts, both[..., 0] * n + both[..., 1]), direction


def reordered(parts: Tensor, order: Tensor) -> Tensor:
    """Tiles `[B, V, C, t, t]` in the order `[B, W]` of each image: the new i-th is the old order[i]-th."""
    return parts[torch.arange(len(parts), device=parts.device)[:, None], order]


# ---------------------------------------------------------------------------------- patches and holes


def overlapping(x: Tensor, side: int, stride: int) -> Tensor:
    """Overlapping patches in reading order, `[B, g*g, C, side, side]` with g = (size - side) // stride + 1."""
    parts = x.unfold(2, side, stride).unfold(3, side, stride)  # [B, C, g, g, side, side]
    return parts.permute(0, 2, 3, 1, 4, 5).flatten(1, 2).contiguous()


def hole(x: Tensor, rng: Generator, kind: str = "centre", share: float = 0.25) -> Tensor:
    """Where each image is hidden, booleans `[B, 1, H, W]`, over about a share of the area.

    `centre`: a square in the middle; `block`: a square anywhere; `region`: a patchwork of small squares, so that no
    edge of a square gives the hole away.
    """
    b, size = len(x), x.shape[-1]
    if kind == "region":
        return _region(b, size, share, rng)
    side = max(1, round(share**0.5 * size))
    if kind == "centre":
        corner = torch.full((2, b), (size - side) // 2, device=x.device)
    elif kind == "block":
        corner = torch.randint(0, size - side + 1, (2, b), generator=rng, device=x.device)
    else:
        raise ValueError(f"no kind of hole '{kind}'; choose from centre, block, region")
    return _square(corner, side, size)


def _square(corner: Tensor, side: int, size: int) -> Tensor:
    """Squares with their top left at corner `[2, B]`, as booleans `[B, 1, size, size]`."""
    place = torch.arange(size, device=corner.device)
    rows, columns = ((place >= c[:, None]) & (place < c[:, None] + side) for c in corner)
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _region(b: int, size: int, share: float, rng: Generator) -> Tensor:
    """Small squares, one after the other, until each image has lost its share; the last ones may overlap."""
    side = max(1, size // 6)
    hidden = torch.zeros(b, 1, size, size, dtype=torch.bool, device=rng.device)
    for _ in range(SQUARES):
        corner = torch.randint(1 - side, size, (2, b), generator=rng, device=rng.device)
        full = hidden.float().mean((1, 2, 3)) >= share
        hidden = hidden | (_square(corner, side, size) & ~full[:, None, None, None])
    return hidden
