"""Numbers that never change, as tensors: made once for each device.

A tensor that is made of Python's numbers on a GPU is a copy from the processor, which waits until the GPU has done all
that it was asked to do before.
"""

from functools import cache

import torch
from torch import Tensor
from torch.utils._python_dispatch import _disable_current_modes

Numbers = tuple[float, ...] | tuple[tuple[float, ...], ...]


@cache
def constant(numbers: Numbers, device: torch.device) -> Tensor:
    """These numbers on a device, the same tensor at every call: it must not be changed.

    The memory estimate (`tasks/training/memory.py`) compares steps operation by operation, and only the first of them
    would create the tensor: it is created outside dispatch modes, so that none of them counts it.
    """
    with _disable_current_modes(), torch.inference_mode(False):
        return torch.tensor(numbers, device=device)
