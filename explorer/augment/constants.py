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

    It outlasts the block in which it is first asked for, so whoever counts operations there does not see it made.
    """
    with _disable_current_modes(), torch.inference_mode(False):
        return torch.tensor(numbers, device=device)
