"""What of a map is chance: maps of several seeds laid upon each other, and how far each point moves between them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import similarity


class Spread(NamedTuple):
    """Maps that were turned, mirrored and scaled onto the first of them."""

    aligned: np.ndarray  # [S, N, d] centred, their points 1 from the middle on average (root mean square)
    of_points: np.ndarray  # [N] root mean square distance from a point's mean place; 1 = as far as the map is wide
    whole: float  # the same of all points


def spread(maps: Sequence[np.ndarray]) -> Spread:
    """That of several maps `[N, d]` of the same points; raises `Refused` unless there are two of as many points."""
    if len(maps) < 2 or len({it.shape for it in maps}) > 1:
        raise Refused("only two or more maps of the same points can be laid upon each other: take the same images")
    root = np.sqrt(len(maps[0]))
    first = similarity.procrustes(maps[0], maps[0]).target
    aligned = np.stack([first, *(similarity.procrustes(it, first).aligned for it in maps[1:])]) * root
    moved = ((aligned - aligned.mean(0)) ** 2).sum(2).mean(0)
    return Spread(aligned.astype(np.float32), np.sqrt(moved).astype(np.float32), float(np.sqrt(moved.mean())))
