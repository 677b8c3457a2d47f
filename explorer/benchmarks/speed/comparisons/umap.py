"""UMAP in a process that has not drawn a map before, against umap-learn."""

from typing import Any

import numpy as np

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.comparisons.tsne import NEIGHBOURS, features
from explorer.evaluation import projections


@comparison
class Umap(Comparison):
    """The first UMAP map of a process, with its imports and what it compiles: features of 128 numbers, seed 0."""

    against, packages = "UMAP of umap-learn", ("umap-learn", "numba")
    unit, goal, size, small = "points", 6.5, 1_000, 400  # 1.5 core-seconds

    def ours(self, size: int, clock: Clock) -> Row:
        """The estimator behind the map; what it compiles is kept on disk, by the pair that is not counted too."""
        return drawn(
            lambda: projections.PROJECTIONS["umap"].make(projections.Options(0, NEIGHBOURS), None), size, clock
        )

    def peer(self, size: int, clock: Clock) -> Row:
        """The same neighbours and seed."""
        return drawn(library, size, clock)


def library() -> Any:
    """As one would use the library."""
    from umap import UMAP

    return UMAP(n_components=2, n_neighbors=NEIGHBOURS, random_state=0, n_jobs=1)


def drawn(estimator: Any, size: int, clock: Clock) -> Row:
    """A map, and its trustworthiness."""
    x = features(size)
    with clock:
        coords = estimator().fit_transform(x)
    return {"n": size, "data": "garments", "checks": {"trustworthiness": projections.trust(x, np.asarray(coords))}}
