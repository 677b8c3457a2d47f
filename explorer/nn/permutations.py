"""Orders of tiles that are easy to tell apart: Noroozi and Favaro 2016, arXiv:1603.09246, algorithm 1."""

from functools import lru_cache
from itertools import permutations
from math import factorial

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.core import generator

CANDIDATES = 10_000  # a sample of the 362,880 orders of nine tiles: all of them would take seconds


@lru_cache(maxsize=32)
def _far_apart(tiles: int, count: int) -> Tensor:
    rng = generator(0, "permutations", tiles)
    left = _candidates(tiles)  # [N, tiles]
    marks = F.one_hot(left, tiles).flatten(1).float()  # [N, tiles * tiles]: the product of two counts equal places
    chosen = [int(torch.randint(len(left), (), generator=rng))]
    least, total = torch.full((len(left),), float(tiles)), torch.zeros(len(left))
    for _ in range(count - 1):
        distance = tiles - marks @ marks[chosen[-1]]  # Hamming's: places that hold another tile
        least, total = torch.minimum(least, distance), total + distance
        worth = least * (tiles * count + 1) + total  # of those whose nearest is farthest, the farthest from all
        chosen.append(int(worth.argmax()))
    return left[chosen]


def _candidates(tiles: int) -> Tensor:
    """All orders of so many tiles, or a sample of them that is always the same."""
    if factorial(tiles) <= CANDIDATES:
        return torch.tensor(list(permutations(range(tiles))))
    drawn = torch.rand(CANDIDATES, tiles, generator=generator(0, "candidates", tiles))
    return drawn.argsort(1).unique(dim=0)


def far_apart(tiles: int, count: int) -> Tensor:
    """So many orders `[count, tiles]`, chosen one after the other as far as possible from those before.

    The paper takes the one with the largest summed Hamming distance; here its nearest neighbour comes first and the sum
    decides among equals, so that no two are close. Raises `ValueError` if there are not so many.
    """
    if not 1 <= count <= min(factorial(tiles), CANDIDATES // 2):
        raise ValueError(f"there are no {count} orders of {tiles} tiles to choose from")
    return _far_apart(tiles, count).clone()
