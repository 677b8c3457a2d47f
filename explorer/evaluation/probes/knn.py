"""The nearest neighbours as a classifier, Wu et al. 2018, arXiv:1805.01978, section 3.4."""

from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.evaluation.neighbours import nearest
from explorer.evaluation.probes.registry import Features, probe

if TYPE_CHECKING:
    from torch import Tensor

K, TEMPERATURE = 20, 0.1
VOTES = 10_000  # drawn to know how often a class wins by chance


@probe("knn", title="kNN", live=True, accuracy="kNN accuracy", in_parts=True)
def knn(bank: Features, queries: Features) -> np.ndarray:
    """Accuracy of a weighted vote of the 20 nearest by cosine after centring."""
    import torch

    z, y = (torch.from_numpy(np.asarray(each)) for each in bank)
    return predict(z.float(), y, queries.z).numpy()


def chance(bank: np.ndarray, queries: np.ndarray) -> float:
    """The accuracy that the vote has, from labels `[N]` and `[Q]`, where the representation says nothing of the class.

    Then the 20 neighbours are a random choice from the bank. How often each class wins their vote, all weighing the
    same, is counted in a fixed sample of such votes: classes that tie share one, and classes that are equally large win
    equally often, so it is 1 / classes where the bank is balanced, whatever the queries are.
    """
    counts = np.bincount(bank, minlength=queries.max(initial=0) + 1)
    votes = np.random.default_rng(0).multinomial(min(K, len(bank)), counts / len(bank), VOTES)
    first = votes == votes.max(1, keepdims=True)  # [VOTES, classes]
    wins = (first / first.sum(1, keepdims=True)).mean(0)
    for size in np.unique(counts):
        wins[counts == size] = wins[counts == size].mean()
    return round(float(wins[queries].mean()), 6)


def predict(bank: "Tensor", labels: "Tensor", queries: Any, k: int = K) -> "Tensor":
    """Classes `[Q]` by the k nearest in `bank` `[N, D]`: the vote of a neighbour weighs exp(cosine / temperature)."""
    near = nearest(bank, queries, k)
    votes = bank.new_zeros(len(queries), int(labels.max()) + 1)
    return votes.scatter_add_(1, labels[near.index], (near.proximity / TEMPERATURE).exp()).argmax(1)
