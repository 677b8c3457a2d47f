"""Noise or holes painted on an image, and what a model makes of them."""

from typing import Literal, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.latents import shown
from explorer.models.model import Model

Brush = Literal["noise", "hole"]
BRUSHES: dict[Brush, str] = {"noise": "Noise", "hole": "Hole"}
GREY, SIGMA = 128, 0.4  # of a hole; of the noise, in [0, 1]


class Restored(NamedTuple):
    """What the model saw, and what it made of it, `uint8 [C, H, W]` at its geometry."""

    seen: np.ndarray
    made: np.ndarray
    inside: float | None  # the squared error per painted pixel against the clean image; None: nothing is painted
    before: float | None  # that of what was painted


def restore(model: Model, image: np.ndarray, mask: np.ndarray, brush: Brush, seed: int = 0) -> Restored:
    """The image `uint8 [C, H, W]` with the painted part `bool [H, W]` made up for; the mask is brought to its size.

    A method that fills holes (the context encoder) fills what is painted; any other with a decoder encodes the
    painted image and decodes the code. Raises `Refused` for a model that does neither.
    """
    if not (model.can_fill or model.can_decode):
        raise Refused(f"{model.title} neither decodes nor fills: choose a denoising autoencoder or a context encoder")
    clean = shown(model, image[None])
    where = resized(mask, clean.shape[-2:])[None, None]
    seen = painted(clean, where, brush, seed)
    made = model.fill(seen, where) if model.can_fill else model.decode(model.embed(seen))
    wrong = [((it.astype(float) - clean) / 255) ** 2 for it in (made, seen)]
    inside, before = (float(error.mean(1)[where[:, 0]].mean()) if where.any() else None for error in wrong)
    return Restored(seen[0], made[0], inside, before)


def painted(images: np.ndarray, where: np.ndarray, brush: Brush, seed: int = 0) -> np.ndarray:
    """Images `uint8 [N, C, H, W]` with Gaussian noise, or grey, where the mask `bool [N, 1, H, W]` is set."""
    if brush == "hole":
        return np.where(where, GREY, images).astype(np.uint8)
    noise = np.random.default_rng(seed).normal(0, 255 * SIGMA, images.shape)
    return np.where(where, (images + noise).clip(0, 255).round(), images).astype(np.uint8)


def resized(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The mask at another size `(H, W)`: each new pixel has the value of the old one at its middle."""
    rows, columns = (((np.arange(n) + 0.5) * old / n).astype(int) for n, old in zip(shape, mask.shape, strict=True))
    return mask[rows[:, None], columns]
