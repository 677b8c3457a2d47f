"""The latent space: reconstructions, interpolation between two images, traversal of each latent dimension."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from explorer import Refused
from explorer.evaluation import code_paths, neighbours
from explorer.models.model import Model

FEW, MANY = 3, 31  # pictures along a way
KL, INACTIVE = "KL per dimension", 0.01  # what a VAE measures of itself; nats below which a dimension is dead


def reconstruct(model: Model, x: np.ndarray, codes: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Reconstructions of images `uint8 [N, C, H, W]` (at the model's geometry), and each one's squared error per pixel.

    `codes` are those of the images, if they are known.
    """
    _must_draw(model)
    if codes is None:
        _must_embed(model)
    drawn = model.decode(model.embed(x) if codes is None else codes)
    error = ((drawn.astype(np.float32) - shown(model, x).astype(np.float32)) / 255) ** 2
    return drawn, error.mean((1, 2, 3))


def linear_floor(x: np.ndarray, dimensions: int) -> float:
    """The least squared error per pixel with which a linear code of so many dimensions can reconstruct these images.

    Their own principal components (Eckart and Young 1936), from the eigenvalues of the images' inner products.
    """
    flat = np.asarray(x).reshape(len(x), -1).astype(np.float64) / 255
    flat -= flat.mean(0)
    values = np.linalg.eigvalsh(flat @ flat.T if len(flat) <= flat.shape[1] else flat.T @ flat)
    return float(np.maximum(values[: max(0, len(values) - dimensions)], 0).sum() / flat.size)


def plane(model: Model, codes: np.ndarray, side: int = 13) -> tuple[np.ndarray, np.ndarray]:
    """A grid over a code of two dimensions, decoded `uint8 [side*side, C, H, W]`, top row first; its frame `[2, 2]`.

    The frame (lowest, highest by axis) holds 98 of 100 of the given codes.
    """
    _must_draw(model)
    if codes.shape[1] != 2:
        raise Refused(f"the code of {model.title} has {codes.shape[1]} dimensions: a plane needs a code of 2")
    low, high = np.percentile(codes, (1, 99), axis=0)
    x, y = np.meshgrid(np.linspace(low[0], high[0], side), np.linspace(high[1], low[1], side))
    return model.decode(np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)), np.stack([low, high])


def shown(model: Model, x: np.ndarray) -> np.ndarray:
    """The images as the model's network gets them, `uint8`."""
    return model.inputs(x)


def blends(a: np.ndarray, b: np.ndarray, steps: int) -> np.ndarray:
    """Pictures `uint8 [steps, C, H, W]` from image a to image b by blending their pixels."""
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None, None, None]
    return ((1 - share) * a + share * b).round().astype(np.uint8)


def interpolate(
    model: Model, a: np.ndarray, b: np.ndarray, steps: int, bank: np.ndarray, codes: np.ndarray | None = None,
    kind: code_paths.Way = "linear",
) -> dict[str, Any]:  # fmt: skip
    """From image a to image b (`uint8 [C, H, W]`) in `steps` pictures: through the code, and by blending pixels.

    A decoder decodes each code on the way, straight, spherical or through the data; for a model without one,
    `nearest` are the rows of `bank` whose codes are nearest to it (-1 at the two ends, which stand for themselves).
    How far either strays from real images is measured elsewhere, see `straying`.
    """
    _check_steps(steps)
    _must_embed(model)
    a, b = shown(model, np.stack([a, b]))
    ends = model.embed(np.stack([a, b]))
    codes = model.embed(bank) if codes is None else np.asarray(codes, np.float32)
    others = _others(codes, ends)
    line = code_paths.way(kind, *ends, steps, codes[others])
    nearest = others[neighbours.nearest(codes[others], line, 1, "euclidean").index[:, 0]]
    nearest[[0, -1]] = -1
    path = model.decode(line) if model.can_decode else _pictures(model, bank, nearest, a, b)
    how = "decoded" if model.can_decode else "nearest"
    return {"path": path, "pixels": blends(a, b, steps), "how": how, "nearest": nearest, "codes": line}


class Dimensions(NamedTuple):
    """How much each dimension of a code tells."""

    values: np.ndarray  # [D]
    name: str  # of the values: "KL" in nats, of a VAE; or "variance"
    order: np.ndarray  # [D] dimensions, the most first
    dead: np.ndarray  # [D] bool: those that tell nothing


def dimensions(model: Model, x: np.ndarray, codes: np.ndarray) -> Dimensions:
    """The KL of each dimension of a VAE over images x, or else the variance of codes `[N, D]`.

    A dimension is dead with a KL below 0.01 nats (Burda et al. 2016, arXiv:1509.00519, call it inactive), or with a
    variance below a thousandth of the largest.
    """
    measured = model.measure(x).get(KL) if model.has_prior else None
    if measured is not None:
        values, name, least = measured.cpu().numpy().astype(float), "KL", INACTIVE
    else:
        values, name = np.asarray(codes, np.float64).var(0), "variance"
        least = max(1e-3 * float(values.max(initial=0)), 1e-12)
    return Dimensions(values, name, np.argsort(-values, kind="stable"), values < least)


def traverse(
    model: Model,
    x: np.ndarray,
    bank: np.ndarray,
    dims: Sequence[int] = (),
    steps: int = 9,
    reach: float = 2.0,
    codes: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """What each dimension of image x's code changes: it alone varies by `reach` standard deviations down and up.

    `images` `uint8 [D, S, C, H, W]` for the dimensions `dims` (all unless named), `sd` `[D]` of each over the bank,
    and `effect` `[D]`: the mean change of a pixel in [0, 1] between both ends of its row.
    """
    _must_draw(model)
    _must_embed(model)
    _check_steps(steps)
    code = model.embed(np.asarray(x)[None])[0]
    if wrong := [dim for dim in dims if not 0 <= dim < len(code)]:
        raise Refused(f"the code of {model.title} has no dimension {wrong[0]}: choose from 0 to {len(code) - 1}")
    dims = np.arange(len(code)) if len(dims) == 0 else np.asarray(dims)
    sd = (model.embed(bank) if codes is None else np.asarray(codes, np.float32)).std(0)[dims]
    moved = np.tile(code, (len(dims), steps, 1))
    moved[np.arange(len(dims)), :, dims] += sd[:, None] * np.linspace(-reach, reach, steps, dtype=np.float32)
    images = model.decode(moved.reshape(-1, len(code)))
    images = images.reshape(len(dims), steps, *images.shape[1:])
    change = np.abs(images[:, -1].astype(np.float32) - images[:, 0]) / 255
    return {"images": images, "sd": sd, "effect": change.mean((1, 2, 3))}


def _must_draw(model: Model) -> None:
    if not model.can_decode:
        raise Refused(f"{model.title} has no decoder: choose a model with one, such as an autoencoder")


def _must_embed(model: Model) -> None:
    if not model.can_embed:
        raise Refused(f"{model.title} has features of stored images only: choose a model that can embed new images")


def _check_steps(steps: int) -> None:
    if not FEW <= steps <= MANY:
        raise Refused(f"{steps} steps are not allowed: take {FEW} to {MANY}")


def _others(codes: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The rows of the bank that are none of the two ends: beside itself, everything is at home."""
    step = np.abs(codes[:, None] - ends[None]).max(2).min(1)
    others = np.flatnonzero(step > 1e-3 * max(float(codes.std()), 1e-12))  # codes may have been stored as float16
    if len(others) < FEW:
        raise Refused(
            f"{len(others)} different latent codes are too few to compare with: choose a model that has not collapsed"
        )
    return others


def _pictures(model: Model, bank: np.ndarray, nearest: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The nearest images of the bank, between the two ends themselves."""
    return np.concatenate([a[None], shown(model, bank[nearest[1:-1]]), b[None]])
