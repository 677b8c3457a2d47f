"""t-SNE, van der Maaten and Hinton 2008, with the gradient of Barnes-Hut (van der Maaten 2014), by openTSNE."""

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np

from explorer.evaluation.packages import needed

Progress = Callable[[int, int], bool | None]  # (steps done, of all) -> True: stop here
EXAGGERATED, PLAIN = 250, 500  # iterations with early exaggeration, and after it: openTSNE's defaults
ITERATIONS = EXAGGERATED + PLAIN
EVERY = 50  # iterations between two reports


class TSNE:
    """t-SNE to the plane on one thread; it starts at the principal components with seed 0, else at random points."""

    def __init__(self, perplexity: float, seed: int = 0, progress: Progress | None = None) -> None:
        self.perplexity, self.seed = perplexity, seed
        self.affinity, self.optimiser = _library()
        self.callback = [_reporting(progress)] if progress else None

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, 2]` of features `[N, D]`."""
        near = self.affinity.PerplexityBasedNN(x, self.perplexity, method="exact", n_jobs=1)
        optimiser = self.optimiser(
            # noise on the principal components would not do: the map stays where they are, whatever the seed
            initialization="random" if self.seed else "pca",
            early_exaggeration_iter=EXAGGERATED,
            n_iter=PLAIN,
            negative_gradient_method="bh",
            n_jobs=1,
            random_state=self.seed,
            callbacks=self.callback,
            callbacks_every_iters=EVERY,
        )
        return np.asarray(optimiser.fit(x, affinities=near))


def _library() -> tuple[Any, Any]:
    """The affinities and the optimiser of openTSNE; a machine that only trains may lack it."""
    with needed("openTSNE", "openTSNE", "t-SNE"):
        from openTSNE import TSNE as Optimiser
        from openTSNE import affinity
    return affinity, Optimiser


def _reporting(progress: Progress) -> Callable[..., bool]:
    """What openTSNE calls every `EVERY` iterations; it counts them anew after the exaggeration.

    openTSNE stops at whatever counts as true: a callback that returns another truthy value does not stop it here.
    """
    calls = count(1)
    return lambda *_: progress(next(calls), (EXAGGERATED + PLAIN) // EVERY) is True
