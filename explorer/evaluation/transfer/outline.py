"""An encoder as a list of blocks with their numbers, and how many of them each arm trains: before any training."""

import copy
from typing import NamedTuple

import torch

from explorer.evaluation.arms import ARMS, TransferConfig
from explorer.evaluation.transfer.heads import new_head
from explorer.evaluation.transfer.parts import parts
from explorer.models.geometry import network_input
from explorer.models.model import Architecture


class Block(NamedTuple):
    """What is frozen or trained as a whole."""

    name: str
    numbers: int  # of its parameters


class Outline(NamedTuple):
    """A network from input to output, and the new classifier on top."""

    blocks: tuple[Block, ...]
    head: int  # numbers of the classifier

    def moves(self, arm: str, cfg: TransferConfig) -> tuple[bool, ...]:
        """Which of the blocks learn in any epoch of an arm."""
        rates = [ARMS[arm].rates(len(self.blocks), epoch, cfg) for epoch in range(1, cfg.epochs + 1)]
        return tuple(any(each[at] > 0 for each in rates) for at in range(len(self.blocks)))

    def trainable(self, arm: str, cfg: TransferConfig) -> int:
        """How many numbers an arm trains at the same time at most, as its training will report it."""
        every = (ARMS[arm].rates(len(self.blocks), epoch, cfg) for epoch in range(1, cfg.epochs + 1))
        sums = (sum(block.numbers for block, rate in zip(self.blocks, rates, strict=True) if rate > 0)
                for rates in every)  # fmt: skip
        return self.head + max(sums)


def outline(model: Architecture, classes: int, cfg: TransferConfig, arm: str = "finetune") -> Outline:
    """Of a network as an arm prepares it, for so many classes; the network itself stays as it is."""
    encoder = copy.deepcopy(model.module).requires_grad_(True)
    ARMS[arm].prepare(encoder, cfg)
    found = tuple(
        Block(part.name, sum(each.numel() for each in part.parameters)) for part in parts(encoder, model.spec)
    )
    with torch.device("meta"):
        head = new_head(model, _width(model, encoder), classes, cfg.head)
    return Outline(found, sum(each.numel() for each in head.parameters()))


def _width(model: Architecture, encoder: torch.nn.Module) -> int:
    """Numbers in one representation."""
    where = next(encoder.parameters()).device
    with torch.no_grad():
        blank = torch.zeros(2, *model.spec.shape, dtype=torch.uint8, device=where)
        return encoder.embed(network_input(blank, model.spec)).shape[1]
