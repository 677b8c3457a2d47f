"""The nearest neighbours as a classifier, Wu et al. 2018, arXiv:1805.01978, section 3.4."""

from typing import TYPE_CHECKING

import numpy as np

from explorer.evaluation.neighbours import nearest
from explorer.evaluation.probes.registry import Features, probe

if TYPE_CHECKING:
    from torch import Tensor

K, TEMPERATURE = 20, 0.1


@probe("knn", title="kNN", live=True, accuracy="kNN accuracy")
def knn(bank: Features, queries: Features) -> float:
    """Accuracy of a weighted vote of the 20 nearest by cosine after centring."""
    import torch

    z, y, asked = (torch.from_numpy(np.asarray(each)) for each in (bank.z, bank.y, queries.z))
    return float((predict(z.float(), y, asked.float()).numpy() == queries.y).mean())


def chance(bank: np.ndarray, queries: np.ndarray) -> float:
    """The accuracy that the vote has, from labels `[N]` and `[Q]`, where the representation says nothing of the class.

    Then the neighbours are a random choice from the bank, and most of 20 belong to its largest class. Of several that
    are equally large each is named equally often: 1 / classes where the bank is balanced, whatever the queries are.
    """
    counts = np.bincount(bank)
    largest = np.flatnonzero(counts == counts.max())
    return float(np.isin(queries, largest).mean() / len(largest))


def predict(bank: "Tensor", labels: "Tensor", queries: "Tensor", k: int = K) -> "Tensor":
    """Classes `[Q]` by the k nearest in `bank` `[N, D]`: the vote of a neighbour weighs exp(cosine / temperature)."""
    near = nearest(bank, queries, k)
    votes = bank.new_zeros(len(queries), int(labels.max()) + 1)
    return votes.scatter_add_(1, labels[near.index], (near.proximity / TEMPERATURE).exp()).argmax(1)
