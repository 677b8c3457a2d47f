"""A frozen encoder is passed once, and not in every epoch."""

from explorer.benchmarks.speed import comparison
from explorer.benchmarks.speed.frozen import EPOCHS, Frozen


@comparison
class FrozenFeatures(Frozen):
    """Fifteen epochs of a linear layer on a frozen ResNet-18, whose features are stored, on images of 32×32."""

    against, goal, draws = "the same with the network in every epoch", 0.9 * EPOCHS, 0
