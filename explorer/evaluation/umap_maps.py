"""UMAP, McInnes et al. 2018, on one thread: its coordinates are the same for a seed, in another process too."""

from typing import Any

import numpy as np

from explorer.evaluation.compiled_umap import compiled_umap
from explorer.evaluation.neighbours import nearest
from explorer.evaluation.umap_watching import watching
from explorer.evaluation.watching import Stopped, Watch

MANY = 10_000  # points up to which UMAP takes more epochs
OWN, EXACT = (
    4_096,
    20_000,
)  # points from which UMAP searches neighbours approximately, and up to which all are found here
FEW = 12  # points: fewer have no spectral start


class UMAP:
    """UMAP."""

    def __init__(
        self, seed: int, neighbours: int, dims: int = 2, min_dist: float = 0.1, watch: Watch | None = None
    ) -> None:
        self.seed, self.neighbours, self.dims, self.min_dist, self.watch = seed, neighbours, dims, min_dist, watch
        self.notes: tuple[str, ...] = ()
        self.kind = compiled_umap()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`; where it was stopped, how far they had come."""
        with watching(self.watch, 500 if len(x) <= MANY else 200):
            try:
                return self._made(len(x), **_neighbours(x, self.neighbours)).fit_transform(x)
            except Stopped as stopped:
                return stopped.coords

    def place(self, x: np.ndarray, coords: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Where new features `[M, D]` belong among the coordinates `[N, dims]` of features `[N, D]`, which stay.

        The graph of the features is found again, without optimising anything.
        """
        found = self._made(len(x), n_epochs=0, init="random", **_neighbours(x, self.neighbours)).fit(x)
        found.embedding_, found.n_epochs = np.array(coords, np.float32), None
        if OWN <= len(x) <= EXACT:  # it has no index of its own, and measures all distances as of few points
            del found._knn_search_index
            found._small_data = True
        return np.asarray(found.transform(np.asarray(new, np.float64)))

    def _made(self, points: int, **more: Any) -> Any:
        start = {"init": "random"} if points <= FEW else {}
        return self.kind(
            n_components=self.dims, n_neighbors=self.neighbours, min_dist=self.min_dist, random_state=self.seed,
            n_jobs=1, **{**start, **more},
        )  # fmt: skip


def _neighbours(x: np.ndarray, k: int) -> dict[str, Any]:
    """What UMAP is told of who is near whom: importing and compiling its approximate search takes longer than this."""
    if not OWN <= len(x) <= EXACT:
        return {}
    near = nearest(x, x, k - 1, "euclidean", centre=False, own=np.arange(len(x)))
    own = np.arange(len(x))[:, None]
    index = np.concatenate([own, near.index], 1).astype(np.int32)  # a point is the first of its own neighbours
    far = np.concatenate([np.zeros((len(x), 1)), -near.proximity], 1).astype(np.float32)
    return {"precomputed_knn": (index, far, None)}
