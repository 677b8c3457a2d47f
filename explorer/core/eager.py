"""torch's optimizers without its compiler, which nothing here uses; its import takes nearly as long as that of torch.

Some methods of torch are kept out of `torch.compile`: the first call of one imports `torch._dynamo`, asks it for an
uncompiled form of the method, and remembers that form. Here they remember themselves instead. A version of torch that
does this in another way imports the compiler as before, and computes the same.
"""

from inspect import unwrap
from typing import TypeVar

import torch
from torch.optim import Optimizer

C = TypeVar("C", bound=type)
REMEMBERED = "__dynamo_disable"  # by `torch._compile`, at the method that it has wrapped


def without_compiler(cls: C) -> C:
    """Lets the methods that this very class defines run without importing the compiler; returns the class."""
    for method in vars(cls).values():
        if getattr(method, "__globals__", {}).get("__name__") == "torch._compile" and hasattr(method, "__wrapped__"):
            vars(method.__wrapped__).setdefault(REMEMBERED, method.__wrapped__)
    return cls


@torch.no_grad()
def step(optimizer: Optimizer) -> None:
    """A step of the optimizer's own code, without the hooks, the profiler and the marks for the compiler around it."""
    unwrap(type(optimizer).step)(optimizer)


without_compiler(Optimizer)
