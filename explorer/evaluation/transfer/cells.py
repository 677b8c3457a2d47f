"""The trainings of a transfer: each arm on each draw of each amount of labels."""

from typing import NamedTuple

from explorer.evaluation.arms import TransferConfig


class Cell(NamedTuple):
    """One training."""

    amount: str  # of labels: images per class, a share of the training images, or all
    seed: int
    arm: str


def cells(cfg: TransferConfig) -> list[Cell]:
    """All of them, in the order in which they are trained: amounts as they were asked for, arms beside each other."""
    return [
        Cell(amount, cfg.seed + repeat, arm)
        for amount in cfg.amounts
        for repeat in range(cfg.seeds)
        for arm in cfg.arms
    ]
