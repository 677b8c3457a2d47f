"""t-SNE, van der Maaten and Hinton 2008, by openTSNE: of few points with the gradient of Barnes-Hut (van der Maaten
2014), of many with that of an interpolation on a grid (Linderman et al. 2019).
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer.evaluation.packages import needed
from explorer.evaluation.watching import Watch

EXAGGERATED, PLAIN = 250, 500  # iterations with early exaggeration, and after it: openTSNE's defaults
ITERATIONS = EXAGGERATED + PLAIN
EVERY = 10  # iterations between two looks; another one comes at the end of each part
EXACT = 10_000  # points whose neighbours are all found; of more the search is approximate, as openTSNE's
GRID = 5_000  # points from which on the grid is quicker than the tree; it is one of two dimensions
PLACING = 250  # iterations for new points


class TSNE:
    """t-SNE on one thread; it starts at the principal components with seed 0, else at random points."""

    def __init__(self, perplexity: float, seed: int = 0, watch: Watch | None = None, dims: int = 2) -> None:
        self.perplexity, self.seed, self.dims, self.watch = perplexity, seed, dims, watch
        self.affinity, self.optimiser = _library()
        self.notes: tuple[str, ...] = ()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`."""
        calls = [_reporting(self.watch)] if self.watch else None
        optimiser = self.optimiser(
            n_components=self.dims,
            # noise on the principal components would not do: the map stays where they are, whatever the seed
            initialization="random" if self.seed else "pca",
            early_exaggeration_iter=EXAGGERATED,
            n_iter=PLAIN,
            negative_gradient_method="fft" if self.dims == 2 and len(x) > GRID else "bh",
            n_jobs=1,
            random_state=self.seed,
            callbacks=calls,
            callbacks_every_iters=EVERY,
        )
        return np.asarray(optimiser.fit(x, affinities=self.affinities(x)))

    def affinities(self, x: np.ndarray) -> Any:
        """Who is near whom in the features."""
        if len(x) > EXACT:
            return self.affinity.PerplexityBasedNN(
                x, self.perplexity, method="approx", n_jobs=1, random_state=self.seed
            )
        return self.affinity.PerplexityBasedNN(x, self.perplexity, method="exact", n_jobs=1)

    def place(self, x: np.ndarray, coords: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Where new features `[M, D]` belong among the coordinates `[N, dims]` of features `[N, D]`, which stay."""
        with needed("openTSNE", "openTSNE", "t-SNE"):
            from openTSNE import TSNEEmbedding
        found = TSNEEmbedding(np.array(coords, np.float64), self.affinities(x), n_jobs=1, random_state=self.seed,
                              negative_gradient_method="bh")  # fmt: skip
        k, perplexity = min(25, len(x) - 1), min(5, (len(x) - 1) / 3)
        return np.asarray(found.transform(np.asarray(new, np.float64), perplexity=perplexity, k=k, n_iter=PLACING))


def effective_perplexity(perplexity: float, points: int) -> float:
    """The perplexity that so many points allow: each has three times as many neighbours."""
    return min(perplexity, (points - 1) / 3)


def _library() -> tuple[Any, Any]:
    """The affinities and the optimiser of openTSNE; a machine that only trains may lack it."""
    with needed("openTSNE", "openTSNE", "t-SNE"):
        from openTSNE import TSNE as Optimiser
        from openTSNE import affinity
    return affinity, Optimiser


def _reporting(watch: Watch) -> Callable[..., bool]:
    """What openTSNE calls every `EVERY` iterations of either part, which it counts anew.

    openTSNE stops at whatever counts as true: a callback that returns another truthy value does not stop it here.
    """
    done = before = 0

    def report(iteration: int, error: float, coords: np.ndarray) -> bool:
        nonlocal done, before
        done, before = done + (iteration - before if iteration > before else iteration), iteration
        return watch(done, ITERATIONS, np.asarray(coords)) is True

    return report
