"""Images through a network, a batch at a time: the one loop behind every embedding."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

BATCH = 500  # images: everywhere the same, since other batches could change the last bits


@torch.inference_mode()
def in_batches(f: Callable[[np.ndarray], Tensor], x: np.ndarray, batch: int = BATCH) -> np.ndarray:
    """What `f` makes of images `[N, ...]`, as an array: floats in single precision."""
    parts = [f(x[i : i + batch]).cpu() for i in range(0, len(x), batch)]
    return torch.cat([part.float() if part.is_floating_point() else part for part in parts]).numpy()
