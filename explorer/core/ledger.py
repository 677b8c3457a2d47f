"""How many bytes of new tensors are alive, operation by operation: what a training step takes besides its weights."""

import weakref
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from explorer.core.eager import without_compiler


@without_compiler
class Ledger(TorchDispatchMode):
    """Writes down how many bytes of new tensors are alive after each operation inside it."""

    def __init__(self) -> None:
        super().__init__()
        self.alive = 0
        self.moments: list[int] = []
        self.known: dict[int, weakref.ref] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Runs the operation and looks at what it gave."""
        out = func(*args, **(kwargs or {}))
        old = {leaf.untyped_storage()._cdata for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)}
        for leaf in tree_leaves(out):
            if isinstance(leaf, torch.Tensor):
                self._enter(leaf.untyped_storage(), old)
        self.moments.append(self.alive)
        return out

    def _enter(self, storage: torch.UntypedStorage, old: set[int]) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self.known or key in old:
            return
        self.alive += size
        self.known[key] = weakref.ref(storage, lambda _: self._leave(key, size))

    def _leave(self, key: int, size: int) -> None:
        if self.known.pop(key, None) is not None:
            self.alive -= size
