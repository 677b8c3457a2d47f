"""The mistakes of kNN on the probe images of one frame, each of them left out of its own neighbours. Numpy only."""

import numpy as np

from explorer.evaluation import neighbours
from explorer.evaluation.mistakes import confusion

NEAR = 20  # neighbours that vote, as for the kNN accuracy
TEMPERATURE = 0.1  # of their votes


def matrix(features: np.ndarray, y: np.ndarray, classes: int, k: int = NEAR) -> np.ndarray:
    """Counts `[classes, classes]`: images of the class of the row that their k nearest others take for the column's.

    features `[N, D]` are compared by cosine after centring; a vote weighs exp(cosine / 0.1), as in `probes`.
    """
    near = neighbours.nearest(features, features, k, own=np.arange(len(y)))
    votes = np.zeros((len(y), classes))
    weights = np.exp((near.proximity - 1) / TEMPERATURE)
    np.add.at(votes, (np.arange(len(y))[:, None], y[near.index]), weights)
    return confusion(votes.argmax(1), y, classes)
