"""Drawn shapes with known factors: distance fields of eight shapes, coloured and antialiased, all in numpy.

The distance of a point to an outline, in pixels, gives both its coverage (antialiasing) and the soft shadow. Rotation
stays within ±35°, so that every shape, even the five-fold star, shows its angle without ambiguity.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.data.dataset import Images
from explorer.data.raw import on_disk

RANGES = {  # uniform and independent
    "hue": (0.0, 1.0),  # of the shape, once around the colour circle
    "scale": (0.36, 0.62),  # radius in half image widths
    "rotation": (-35.0, 35.0),  # degrees, counter-clockwise
    "x": (-0.35, 0.35),  # centre in half image widths, rightwards
    "y": (-0.35, 0.35),  # upwards
    "background": (0.0, 1.0),  # hue of the pale background
}
CIRCULAR = ("hue", "background")  # whose ends are the same colour
PER_CLASS = {"train": 500, "validation": 125, "test": 125}
PIECE = 200_000  # pixels painted in one go


def make(split: str, size: int, scratch: Path) -> Images:
    """One split of drawn shapes: 500, 125 and 125 images of each shape for train, validation and test."""
    rng = np.random.default_rng([list(PER_CLASS).index(split), 20])
    y = rng.permutation(np.repeat(np.arange(len(SHAPES)), PER_CLASS[split]))
    factors = {name: rng.uniform(low, high, len(y)).astype(np.float32) for name, (low, high) in RANGES.items()}
    factors = {"shape": y.astype(np.int64), **factors}
    x = on_disk(scratch / f"{split}.raw", draw(factors, size), (3, size, size))
    return Images(x, factors["shape"], factors)


def draw(factors: dict[str, np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Images uint8 [n, 3, size, size] of factors [N] each, in pieces."""
    step = max(1, PIECE // size**2)
    for start in range(0, len(factors["shape"]), step):
        yield _paint({name: values[start : start + step] for name, values in factors.items()}, size)


def _paint(factors: dict[str, np.ndarray], size: int) -> np.ndarray:
    scale, hue, ground = (factors[name][:, None, None] for name in ("scale", "hue", "background"))
    along = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1
    height = -along[None, :, None]  # upwards, [1, H, 1]
    picture = _colour(
        ground, 0.20 - 0.06 * height, 0.93 + 0.05 * height, size
    )  # paler towards the top, like a lit wall
    shadow = _distance(factors, along, dx=0.05, dy=-0.09) * scale
    picture *= (1 - 0.28 * np.clip(0.5 - shadow / 0.16, 0, 1))[:, None]
    coverage = np.clip(0.5 - _distance(factors, along) * scale * size / 2, 0, 1)[:, None]  # [N, 1, H, W]
    picture += coverage * (_colour(hue, 0.80 - 0.08 * height, 0.84 + 0.10 * height, size) - picture)
    return (picture * 255 + 0.5).astype(np.uint8)


def _colour(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray, size: int) -> np.ndarray:
    """HSV to RGB [N, 3, H, W], all arguments in [0, 1] and broadcast over [N, H, W]."""
    corner = np.array([5, 3, 1], np.float32)[None, :, None, None]
    k = (corner + 6 * hue[:, None]) % 6
    value, saturation = value[:, None], saturation[:, None]
    rgb = value - value * saturation * np.clip(np.minimum(k, 4 - k), 0, 1)
    return np.broadcast_to(rgb, (len(hue), 3, size, size)).astype(np.float32)


def _distance(factors: dict[str, np.ndarray], along: np.ndarray, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
    """Signed distance [N, H, W] to each outline in units of its radius; the shape moved by dx, dy half image widths."""
    x = along[None, None, :] - (factors["x"][:, None, None] + dx)
    y = -along[None, :, None] - (factors["y"][:, None, None] + dy)
    angle = np.deg2rad(factors["rotation"])[:, None, None]
    u = (np.cos(angle) * x + np.sin(angle) * y) / factors["scale"][:, None, None]
    v = (np.cos(angle) * y - np.sin(angle) * x) / factors["scale"][:, None, None]
    distance = np.empty_like(u)
    for label in np.unique(factors["shape"]):
        rows = factors["shape"] == label
        distance[rows] = OUTLINES[SHAPES[label]](u[rows], v[rows])
    return distance


def _arrow(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    y = np.abs(y)
    head = np.maximum(0.1 - x, (0.75 * (x - 1) + 0.9 * y) / np.hypot(0.75, 0.9))
    shaft = np.maximum(np.abs(x + 0.4) - 0.55, y - 0.27)
    return np.minimum(head, shaft)


def _crescent(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(np.hypot(x, y) - 0.95, 0.80 - np.hypot(x - 0.55, y))


def _cross(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    long, short = np.maximum(np.abs(x), np.abs(y)), np.minimum(np.abs(x), np.abs(y))
    return np.maximum(long - 0.92, short - 0.31)


def _ellipse(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    a, b = 0.98, 0.60
    near, slope = np.hypot(x / a, y / b), np.hypot(x / a**2, y / b**2)
    return near * (near - 1) / np.maximum(slope, 1e-6)


def _heart(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    unit = 1.62  # the outline: two arcs of radius √2/4 on a square that stands on its corner
    x, y = np.abs(x) / unit, y / unit + 0.55
    arc = np.hypot(x - 0.25, y - 0.75) - np.sqrt(2) / 4
    edge = np.maximum(x + y, 0) / 2
    flank = np.minimum(np.hypot(x, y - 1), np.hypot(x - edge, y - edge)) * np.sign(x - y)
    return np.where(x + y > 1, arc, flank) * unit


def _square(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.maximum(np.abs(x), np.abs(y)) - 0.74


def _star(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    tip, notch, sector = 1.05, 0.46, np.pi / 5
    radius, angle = np.hypot(x, y), (np.arctan2(x, y) + sector) % (2 * sector) - sector
    along, across = radius * np.cos(angle), radius * np.abs(np.sin(angle))
    run, rise = notch * np.cos(sector) - tip, notch * np.sin(sector)  # the edge from a tip to the next notch
    return ((along - tip) * rise - across * run) / np.hypot(run, rise)


def _triangle(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    y = y + 0.12  # the centre of mass a little lower, so that it sits in the middle
    return np.maximum(-y, np.abs(x) * np.sqrt(3) / 2 + y / 2) - 0.52


OUTLINES = {  # signed distance to an outline of radius about 1, negative inside; the slope is 1 where it is near
    "arrow": _arrow,
    "crescent": _crescent,
    "cross": _cross,
    "ellipse": _ellipse,
    "heart": _heart,
    "square": _square,
    "star": _star,
    "triangle": _triangle,
}
SHAPES = tuple(OUTLINES)
