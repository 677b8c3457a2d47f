"""What is inside the code: reconstructions, and the way from one image to another."""

from typing import Any

import numpy as np

from explorer import Refused
from explorer.models import Model


def reconstruct(model: Model, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The drawings of images `uint8 [N, C, H, W]` at the model's own geometry, and the squared error of each."""
    if not model.decodes:
        raise Refused(f"{model.title} cannot draw: choose a model with a decoder, such as an autoencoder")
    drawn = model.decode(model.embed(x))
    seen = shown(model, x)
    error = ((drawn.astype(np.float32) - seen.astype(np.float32)) / 255) ** 2
    return drawn, error.mean((1, 2, 3))


def shown(model: Model, x: np.ndarray) -> np.ndarray:
    """The images as the model's network gets them, `uint8`."""
    if not hasattr(model, "images"):
        return np.asarray(x)
    from explorer.core import pixels

    return pixels(model.images(x)).cpu().numpy()


def interpolate(model: Model, a: np.ndarray, b: np.ndarray, steps: int, bank: np.ndarray) -> dict[str, Any]:
    """From image a to image b (`uint8 [C, H, W]`) in `steps` pictures: through the code, and by blending pixels.

    A model with a decoder draws each code on the straight line; another one shows the image of `bank` whose code is
    nearest to it (`nearest`: rows of bank). `off_manifold`: distance of each code, and of each blend's code, to the
    nearest code of the bank, in units of the bank's typical nearest-neighbour distance: about 1 is a natural place.
    """
    if steps < 3:
        raise Refused(f"{steps} steps are too few for a way: take 3 to 15")
    share = np.linspace(0, 1, steps, dtype=np.float32)
    a, b = shown(model, np.stack([a, b]))
    blend = ((1 - share)[:, None, None, None] * a + share[:, None, None, None] * b).round().astype(np.uint8)
    ends = model.embed(np.stack([a, b]))
    line = (1 - share)[:, None] * ends[0] + share[:, None] * ends[1]
    codes = model.embed(bank)
    unit = np.median(_distances(codes[:200], codes, skip_self=True)[0])
    distance, nearest = _distances(line, codes)
    path = model.decode(line) if model.decodes else shown(model, bank[nearest])
    return {
        "path": path,
        "pixels": blend,
        "how": "decoded" if model.decodes else "nearest",
        "nearest": nearest,
        "off_manifold": distance / unit,
        "off_manifold_pixels": _distances(model.embed(blend), codes)[0] / unit,
    }


def _distances(queries: np.ndarray, bank: np.ndarray, skip_self: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Distance `[Q]` to the nearest of bank and its row; `skip_self`: query i is row i of the bank."""
    squared = (queries**2).sum(1)[:, None] - 2 * queries @ bank.T + (bank**2).sum(1)
    if skip_self:
        squared[np.arange(len(queries)), np.arange(len(queries))] = np.inf
    nearest = squared.argmin(1)
    return np.sqrt(np.maximum(squared[np.arange(len(queries)), nearest], 0)), nearest
