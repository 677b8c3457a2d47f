"""t-SNE, against scikit-learn."""

from typing import Any

import numpy as np

from explorer import data
from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.evaluation import projections

NEIGHBOURS, FEW, DIM = 10, 200, 128


@comparison
class Tsne(Comparison):
    """A t-SNE map of features of 128 numbers, perplexity 30, seed 0."""

    against, packages = "TSNE of scikit-learn", ("scikit-learn",)
    unit, goal, size, small = "points", 1.25, 2_000, 400

    def ours(self, size: int, clock: Clock) -> Row:
        """The estimator behind the map."""
        return drawn(
            lambda: projections.PROJECTIONS["tsne"].make(projections.Options(0, NEIGHBOURS), None), size, clock
        )

    def peer(self, size: int, clock: Clock) -> Row:
        """The same perplexity and start, and the library's defaults."""
        from sklearn.manifold import TSNE

        return drawn(lambda: TSNE(2, perplexity=3 * NEIGHBOURS, init="pca", random_state=0), size, clock)


def drawn(estimator: Any, size: int, clock: Clock) -> Row:
    """A map of an estimator, and its trustworthiness."""
    x = features(size)
    estimator().fit_transform(x[:FEW])
    with clock:
        coords = estimator().fit_transform(x)
    trust = projections.trust(x, np.asarray(coords))
    return {"n": size, "data": "garments", "checks": {"trustworthiness": trust}}


def features(n: int) -> np.ndarray:
    """The first principal components of garments, centred and scaled as for a map."""
    pixels = np.asarray(data.load("garments").splits["train"].x[:n], np.float64).reshape(n, -1)
    pixels -= pixels.mean(0)
    x = pixels @ np.linalg.svd(pixels, full_matrices=False)[2][:DIM].T
    return x / x.std()
