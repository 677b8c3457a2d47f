"""A frozen encoder is passed once for each stored augmented draw, and not in every epoch."""

from explorer.benchmarks.speed import comparison
from explorer.benchmarks.speed.frozen import EPOCHS, Frozen

DRAWS = 3


@comparison
class FrozenDraws(Frozen):
    """The same fifteen epochs with random crops and flips, three draws of each image stored."""

    against, goal, draws = "the network and new draws in every epoch", 0.9 * EPOCHS / DRAWS, DRAWS
