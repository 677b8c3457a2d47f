"""Ranks: the processes of one training, each with a device of its own and an equal share of every batch.

All ranks draw the same batch and the same views (randomness has an address that knows no devices) and each takes its
rows. Let L_r be the loss of rank r; what is minimised is their mean L = (1/n) sum_r L_r. What passes between the ranks
within a loss passes through `gather`, whose backward pass adds up the gradients that all ranks send to a row. So the
gradient g_r that rank r finds is that of sum_s L_s by its own copy of the weights, and the mean over the ranks,

    (1/n) sum_r g_r = (1/n) d(sum_s L_s)/dw = dL/dw,

is the gradient of one device, up to rounding. That holds in each of the three cases there are:
- a mean over images (a reconstruction, a cross entropy): L_r is the mean of its rows, L that of the batch;
- a loss of all pairs (NT-Xent on gathered rows): every rank finds the same L_r = L, and n times the part of the
  gradient that goes through its rows;
- batch norm: the statistics are those of the gathered rows, and the gradient goes through them as well.

This class is one process alone. It changes nothing, so that a training on one device is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor


class ProcessGroup:
    """One process alone."""

    rank = 0
    world = 1

    @property
    def distinct(self) -> tuple[int, ...]:
        """What makes an address this rank's own: dropout on several devices differs between them, and from one's."""
        return (self.rank,) if self.world > 1 else ()

    def share(self, x: Tensor) -> Tensor:
        """This rank's rows of what all ranks have."""
        return x

    def gather(self, x: Tensor) -> Tensor:
        """The rows `[B, …]` of all ranks in their order, differentiable: the gradients of all ranks are added up."""
        return x

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Put the mean over all ranks into each tensor."""

    def collect(self, out: dict[str, Tensor], rows: int) -> dict[str, Tensor]:
        """What the losses of all ranks have given: means of scalars, and all rows of what has one per image."""
        return out

    def lead(self, step: int, more: bool) -> bool:
        """Whether to make this step: the first rank decides, the others wait for its word."""
        return more

    def dismiss(self) -> None:
        """The first rank will ask for no more steps: the others end too."""

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Within this block methods and layers meet the other ranks; all ranks must enter it for the same step."""
        token = _joined.set(self)
        try:
            yield
        finally:
            _joined.reset(token)


SINGLE = ProcessGroup()
_joined: ContextVar[ProcessGroup] = ContextVar("joined", default=SINGLE)


def joined() -> ProcessGroup:
    """The ranks that take the present step together: looking, validating and saving happen alone."""
    return _joined.get()
