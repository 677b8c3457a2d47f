"""What the network sees: a method's views of chosen images, and single operations at a chosen strength."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer import Refused, choose
from explorer.augment import OPERATIONS
from explorer.core import Batch, DataSpec, TrainConfig, generator, pixels, unit
from explorer.methods import METHODS
from explorer.models.build import fresh


def preview(
    method: str,
    hyperparameters: dict[str, Any],
    x: np.ndarray,
    seed: int = 0,
    y: np.ndarray | None = None,
    spec: DataSpec | None = None,
    rows: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The views of images `uint8 [N, C, H, W]`, or of rows of another kind, by caption; only those that are pictures.

    Draws from `seed` alone. `spec` tells of the data that they are out of (images, if it is not given), and `rows`
    where they stand in it: some methods remember each image.
    Raises `Refused` where they do not suit the method or its hyperparameters.
    """
    place = torch.arange(len(x)) if rows is None else torch.from_numpy(np.asarray(rows))
    labels = torch.zeros(len(x), dtype=torch.long) if y is None else torch.from_numpy(np.asarray(y))
    spec = spec or DataSpec.image("these images", x.shape[1], x.shape[-1], ("?",), len(x))
    network = fresh(method, hyperparameters, small(method), spec)
    with torch.no_grad():
        numbers = spec.numbers(torch.from_numpy(np.array(x)))
        views = network.views(Batch(numbers, labels, place, spec.modality), generator(seed, "preview"))
    return {name: pixels(view).numpy() for name, view in views.items() if pictured(view)}


def small(method: str) -> TrainConfig:
    """The method's own training with the smallest network of its kind: views and lines of chance hardly ever ask it."""
    return METHODS.choose(method).training({"width": 0.25})


def pictured(view: Tensor) -> bool:
    """Whether a view is pictures `[N, C, h, w]`, or several of each image `[N, V, C, h, w]`, grey or in colour."""
    return view.is_floating_point() and view.ndim in (4, 5) and view.shape[-3] in (1, 3)


def operation(name: str, x: np.ndarray, strength: float, seed: int = 0) -> tuple[np.ndarray, dict[str, list]]:
    """One operation on images `uint8 [N, C, H, W]` at a strength, and what it drew for each image."""
    chosen = choose("operation", name, OPERATIONS)
    if not chosen.low <= strength <= chosen.high:
        raise Refused(f"strength {strength} of {name} is not allowed: {chosen.low} to {chosen.high}")
    if chosen.needs_colour and x.shape[1] == 1:
        raise Refused(f"{name} needs colour images, and these are grey: choose another operation or data set")
    out, drawn = chosen.run(unit(torch.from_numpy(np.array(x))), generator(seed, "operation", name), strength)
    return pixels(out).numpy(), {key: value.tolist() for key, value in drawn.items()}
