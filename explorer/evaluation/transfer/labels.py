"""Which training images are given with their labels: one order for each seed, so few labels lie inside more."""

import numpy as np
import torch

from explorer.core import generator


def labelled(y: np.ndarray, classes: int, amount: str, seed: int) -> np.ndarray:
    """The rows, ascending, of an amount of labels of each class (all of a class that has fewer); of labels `[N]`.

    All arms of a seed get the same, and a larger amount contains a smaller one.
    """
    order = torch.randperm(len(y), generator=generator(seed, "labelled")).numpy()
    own = [order[y[order] == c] for c in range(classes)]
    return np.sort(np.concatenate([rows[: count(amount, len(rows))] for rows in own]))


def count(amount: str, available: int) -> int:
    """How many of a class's images an amount is: a number, a share such as 10% (at least one), or all."""
    if amount == "all":
        return available
    return max(1, round(float(amount[:-1]) / 100 * available)) if amount.endswith("%") else int(amount)
