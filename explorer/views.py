"""What the network sees: a method's views of chosen images, and single operations at a chosen strength."""

from typing import Any

import numpy as np
import torch

from explorer import Refused, choose
from explorer.augment import OPERATIONS
from explorer.core import Split, TrainConfig, address, pixels, unit
from explorer.models import fresh


def preview(
    method: str, knobs: dict[str, Any], x: np.ndarray, seed: int = 0, y: np.ndarray | None = None, classes: tuple = ()
) -> dict[str, np.ndarray]:
    """The views of images `uint8 [N, C, H, W]` by caption; only those that are pictures. Draws from `seed` alone."""
    labels = torch.from_numpy(np.zeros(len(x), np.int64) if y is None else np.asarray(y))
    data = Split(torch.from_numpy(np.array(x)), labels, classes or ("?",), "")
    cfg = TrainConfig(encoder="mlp", width=0.25)  # the smallest network: views hardly ever ask it
    made = fresh(method, knobs, cfg, data.spec("these images"))
    with torch.no_grad():
        views = made.views(data.batch(torch.arange(len(x))), address(seed, "preview"))
    return {name: pixels(view).numpy() for name, view in views.items() if view.is_floating_point() and view.ndim >= 4}


def operation(name: str, x: np.ndarray, strength: float, seed: int = 0) -> tuple[np.ndarray, dict[str, list]]:
    """One operation on images `uint8 [N, C, H, W]` at a strength, and what it drew for each image."""
    chosen = choose("operation", name, OPERATIONS)
    if not chosen.low <= strength <= chosen.high:
        raise Refused(f"strength {strength} of {name} is not allowed: {chosen.low} to {chosen.high}")
    if chosen.needs_colour and x.shape[1] == 1:
        raise Refused(f"{name} needs colour images, and these are grey: choose another operation or data set")
    out, drawn = chosen.run(unit(torch.from_numpy(np.array(x))), address(seed, "operation", name), strength)
    return pixels(out).numpy(), {key: value.tolist() for key, value in drawn.items()}
