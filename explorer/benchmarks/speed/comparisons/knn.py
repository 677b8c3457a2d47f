"""The kNN probe, against scikit-learn."""

import numpy as np

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.evaluation.probes.knn import TEMPERATURE, K, predict

BANK, DIM, CLASSES, NOISE = 50_000, 128, 10, 6.5


@comparison
class Knn(Comparison):
    """The kNN probe, k = 20, in a bank of 50,000 features of 128 numbers."""

    against, packages = "KNeighborsClassifier, cosine, the same weights", ("scikit-learn",)
    unit, goal, size, small = "queries", 4.5, 10_000, 500

    def ours(self, size: int, clock: Clock) -> Row:
        """The vote of the probe."""
        bank, y, queries, truth = features(size)
        ours(bank, y, queries[:10])
        with clock:
            found = ours(bank, y, queries)
        return {"n": size, "checks": {"accuracy": float((found == truth).mean())}}

    def peer(self, size: int, clock: Clock) -> Row:
        """The vote of scikit-learn, and the share of the queries for which ours is the same."""
        bank, y, queries, truth = features(size)
        theirs(bank, y, queries[:10])
        with clock:
            found = theirs(bank, y, queries)
        same = float((found == ours(bank, y, queries)).mean())
        return {"n": size, "checks": {"accuracy": float((found == truth).mean()), "equal predictions": same}}


def features(queries: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bank and labels, queries and labels: ten Gaussian classes that overlap, in single precision."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(CLASSES, DIM))
    y, truth = rng.integers(0, CLASSES, BANK), rng.integers(0, CLASSES, queries)
    bank, asked = (centres[labels] + NOISE * rng.normal(size=(len(labels), DIM)) for labels in (y, truth))
    return bank.astype(np.float32), y, asked.astype(np.float32), truth


def ours(bank: np.ndarray, y: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The classes of the queries by the probe."""
    import torch

    return predict(*map(torch.from_numpy, (bank, y, queries))).numpy()


def theirs(bank: np.ndarray, y: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """The classes of the queries by scikit-learn, after the same centring."""
    from sklearn.neighbors import KNeighborsClassifier

    mean = bank.mean(0)
    classifier = KNeighborsClassifier(K, metric="cosine", weights=lambda far: np.exp((1 - far) / TEMPERATURE))
    return classifier.fit(bank - mean, y).predict(queries - mean)
