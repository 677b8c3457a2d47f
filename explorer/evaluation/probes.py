"""What a representation is worth: probes that read labels off it, each with its own stakes."""

import warnings
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import Refused

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def knn_predict(bank: Tensor, labels: Tensor, queries: Tensor, k: int = 20, temperature: float = 0.1) -> Tensor:
    """Classes `[Q]` by weighted vote of the k nearest in `bank` `[N, D]`, Wu et al. 2018, arXiv:1805.01978, sec. 3.4.

    Nearness is the cosine after the bank's mean is taken away (pixels and codes have no natural origin); a neighbour's
    vote weighs exp(cosine / temperature).
    """
    mean = bank.mean(0)
    bank, queries = F.normalize(bank - mean, dim=1), F.normalize(queries - mean, dim=1)
    classes = int(labels.max()) + 1
    answers = []
    for chunk in queries.split(1000):
        cosine, index = (chunk @ bank.T).topk(min(k, len(bank)))
        votes = torch.zeros(len(chunk), classes, device=bank.device)
        answers.append(votes.scatter_add_(1, labels[index], (cosine / temperature).exp()).argmax(1))
    return torch.cat(answers)


def knn(bank: np.ndarray, labels: np.ndarray, queries: np.ndarray, truth: np.ndarray, k: int = 20) -> float:
    """Accuracy of the nearest neighbours."""
    tensors = [torch.from_numpy(np.asarray(a)) for a in (bank, labels, queries)]
    answer = knn_predict(tensors[0].float(), tensors[1], tensors[2].float(), k)
    return float((answer.numpy() == truth).mean())


def linear(train: np.ndarray, labels: np.ndarray, test: np.ndarray, truth: np.ndarray) -> float:
    """Accuracy of scikit-learn's logistic regression on standardised features (C = 0.1, at most 300 iterations)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the bound on iterations is part of the recipe
        probe = LogisticRegression(C=0.1, max_iter=300).fit(scaler.transform(train), labels)
    return float(probe.score(scaler.transform(test), truth))


def check_classes(dataset: "DataSet", classes: tuple[str, ...] = ()) -> None:
    """Raises `Refused` unless there are training images of two classes: else there is nothing to tell apart."""
    kept = [dataset.classes.index(name) for name in dataset.kept(classes)]
    there = [dataset.classes[label] for label in np.unique(dataset.splits["train"].y) if label in kept]
    if len(there) < 2:
        only = f"of one class only ({there[0]})" if there else "of none of these classes"
        raise Refused(f"{dataset.name} has training images {only}, and nothing can be told apart: choose other data")


def evaluate(
    model: "Model", dataset: "DataSet", labels: int = 10_000, classes: tuple[str, ...] = ()
) -> dict[str, float]:
    """kNN and linear accuracy on the whole test split, from at most `labels` training images balanced over classes."""
    start = perf_counter()
    train, _ = dataset.select("train", classes, labels)
    test, _ = dataset.select("test", classes)
    bank, queries = model.embed(train.x), model.embed(test.x)
    return {
        "knn": knn(bank, train.y, queries, test.y),
        "linear": linear(bank, train.y, queries, test.y),
        "dim": bank.shape[1],
        "n_train": len(train.y),
        "n_test": len(test.y),
        "seconds": round(perf_counter() - start, 2),
    }
