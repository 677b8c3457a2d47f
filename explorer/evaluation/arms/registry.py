"""What an arm is, and the registry of them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from explorer.registry import Registry

if TYPE_CHECKING:
    from torch import nn

    from explorer.evaluation.arms.config import TransferConfig


class Arm:
    """One way to use an encoder: which of its blocks learn in which epoch, and how fast.

    A block is what is frozen or trained together, `depth` 0 nearest to the image. A new linear classifier on top learns
    in every epoch of every arm. In a block that does not learn, batch-norm statistics and dropout stand still, too.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    order: ClassVar[int]  # where arms are listed
    pretrained: ClassVar[bool] = True  # False: it begins with first weights, drawn from the seed
    keeps_statistics: ClassVar[bool] = False  # True: batch norm and dropout stand still though the block learns

    @classmethod
    def summary(cls) -> str:
        """One sentence that says what it does."""
        return " ".join((cls.__doc__ or "").strip().partition("\n\n")[0].split())

    def prepare(self, encoder: nn.Module, cfg: TransferConfig) -> None:
        """Change the encoder before the first step; of its parameters those may learn that require a gradient then."""

    def rates(self, blocks: int, epoch: int, cfg: TransferConfig) -> list[float]:
        """The learning rate of each of the encoder's blocks, from input to output, in this epoch (1 is the first).

        0 where a block stays as it is.
        """
        raise NotImplementedError

    def moves(self, blocks: int, cfg: TransferConfig) -> bool:
        """Whether the encoder learns in any epoch; where it does not, its features are computed once."""
        return any(rate > 0 for epoch in range(1, cfg.epochs + 1) for rate in self.rates(blocks, epoch, cfg))


ARMS: Registry[Arm] = Registry("arm", "explorer.evaluation.arms")


def arm(title: str, *, order: int) -> Callable[[type[Arm]], type[Arm]]:
    """Register an arm under the name of its file."""

    def register(cls: type[Arm]) -> type[Arm]:
        cls.name, cls.title, cls.order = cls.__module__.rpartition(".")[2], title, order
        ARMS.add(cls.name, cls())
        return cls

    return register


def spoken(title: str) -> str:
    """A title inside a sentence; an abbreviation stays as it is."""
    return title if title[1:2].isupper() or title[-1:].isupper() else title[:1].lower() + title[1:]


def titles() -> dict[str, str]:
    """What each arm is called, in the order in which arms are listed."""
    return {each.name: each.title for each in sorted(ARMS.values(), key=lambda each: each.order)}
