"""Several ranks: the processes that torchrun has started for one training, joined by torch's own process group.

NCCL between GPUs, gloo on processors, and gloo for the word of the first rank too, so that no step waits for a GPU to
be read. The tests run two ranks on processors; NCCL, which wants two GPUs, has been tried on no machine yet.
"""

import os
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from explorer.core import ProcessGroup

PATIENCE = timedelta(days=1)  # the first rank draws and saves while others wait; where one dies, torchrun ends them all
NO_MORE = -1


class Gather(torch.autograd.Function):
    """The rows of all ranks; in the backward pass the sum of what all ranks send to them."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """`[B, …]` to `[ranks * B, …]`."""
        x = x.contiguous()
        parts = [torch.empty_like(x) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, x)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """This rank's rows of the sum."""
        total = gradient.clone(memory_format=torch.contiguous_format)  # a gradient may be shared: not in place
        dist.all_reduce(total)
        return total.chunk(dist.get_world_size())[dist.get_rank()]


class TorchProcessGroup(ProcessGroup):
    """This process among the others of its training."""

    def __init__(self, rank: int, world: int) -> None:
        self.rank, self.world, self.dismissed = rank, world, False

    def share(self, x: Tensor) -> Tensor:
        """An equal share of the rows; raises `ValueError` where there is none."""
        if len(x) % self.world:
            raise ValueError(f"{self.world} devices cannot share {len(x)} rows equally")
        return x.chunk(self.world)[self.rank]

    def gather(self, x: Tensor) -> Tensor:
        """The rows of all ranks."""
        return Gather.apply(x)

    def average(self, tensors: Iterable[Tensor]) -> None:
        """All in one message: many small ones take longer."""
        tensors = list(tensors)
        if tensors:
            flat = torch.cat([tensor.flatten().float() for tensor in tensors])
            dist.all_reduce(flat)
            parts = flat.div_(self.world).split([tensor.numel() for tensor in tensors])
            for tensor, part in zip(tensors, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def collect(self, out: dict[str, Tensor], rows: int) -> dict[str, Tensor]:
        """Means and rows over all ranks, so that what a method remembers is the same on each of them."""
        copies = {name: value.detach().clone() for name, value in out.items()}
        self.average(value for value in copies.values() if value.ndim == 0)
        return {name: self.gather(x) if x.ndim and len(x) == rows else x for name, x in copies.items()}

    def lead(self, step: int, more: bool) -> bool:
        """The number of the step is the word: ranks that are not at the same step must not go on."""
        word = torch.tensor(step if more else NO_MORE)
        dist.broadcast(word, 0)
        self.dismissed = word.item() == NO_MORE
        if not self.dismissed and word.item() != step:
            raise RuntimeError(f"rank {self.rank} stands before step {step}, and the first before {word.item()}")
        return not self.dismissed

    def dismiss(self) -> None:
        """Said once, by the first rank."""
        if self.rank == 0 and not self.dismissed:
            self.lead(0, more=False)


def join() -> TorchProcessGroup:
    """Called by each process that torchrun has started: takes a device of its own, and meets the others."""
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)  # what `devices.device()` stands for from now on
        dist.init_process_group("cpu:gloo,cuda:nccl", timeout=PATIENCE, device_id=device)
    else:
        dist.init_process_group("gloo", timeout=PATIENCE)
    return TorchProcessGroup(dist.get_rank(), dist.get_world_size())
