"""torch's optimizers without its compiler, which nothing here uses; its import takes nearly as long as that of torch.

Some methods of torch are kept out of `torch.compile`: the first call of one imports `torch._dynamo`, asks it for an
uncompiled form of the method, and remembers that form. Here they remember themselves instead. A version of torch that
does this in another way, and a process that has the compiler already, are left as they are, and compute the same.
"""

import sys
from inspect import unwrap
from typing import TypeVar

import torch
from torch.optim import Optimizer

C = TypeVar("C", bound=type)
REMEMBERED = "__dynamo_disable"  # by `torch._compile`, at the method that it has wrapped
COMPILER = "torch._dynamo"
HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")  # of an optimizer
GLOBAL_HOOKS = ("_global_optimizer_pre_hooks", "_global_optimizer_post_hooks")  # of all, in the module


def without_compiler(cls: C) -> C:
    """Lets the methods that this very class defines run without importing the compiler; returns the class."""
    if COMPILER in sys.modules:
        return cls
    for method in vars(cls).values():
        if getattr(method, "__globals__", {}).get("__name__") == "torch._compile" and hasattr(method, "__wrapped__"):
            vars(method.__wrapped__).setdefault(REMEMBERED, method.__wrapped__)
    return cls


def step(optimizer: Optimizer) -> None:
    """A step of the optimizer's own code, unless somebody listens to it or compiles it: then it is that of torch."""
    if COMPILER in sys.modules or _hooked(optimizer):
        optimizer.step()
        return
    with torch.no_grad():
        unwrap(type(optimizer).step)(optimizer)


def _hooked(optimizer: Optimizer) -> bool:
    """Whether somebody is called at its steps; or nobody knows, in a version of torch that has other names."""
    own = [getattr(optimizer, name, None) for name in HOOKS]
    everywhere = [getattr(sys.modules[Optimizer.__module__], name, None) for name in GLOBAL_HOOKS]
    return any(hooks is None or len(hooks) > 0 for hooks in (*own, *everywhere))


without_compiler(Optimizer)
