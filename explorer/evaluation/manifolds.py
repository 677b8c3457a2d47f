"""Isomap and LLE, with the solver of the eigenvalue problem that suits the number of points.

Of many points ARPACK finds the two axes in a fraction of the time of a dense solver. Its start vector is drawn from the
seed. A neighbour graph in several parts is left to the dense solver: its axes are not determined, and a seed would
choose them.
"""

from typing import Any

import numpy as np

MANY_FOR_ISOMAP, MANY_FOR_LLE = 500, 1000  # points up to which the dense solver is as fast


class Isomap:
    """Isomap, Tenenbaum et al. 2000, to the plane."""

    def __init__(self, seed: int, neighbours: int) -> None:
        self.seed, self.neighbours = seed, neighbours

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, 2]` of features `[N, D]`."""
        from scipy.sparse.csgraph import shortest_path
        from sklearn import manifold
        from sklearn.decomposition import KernelPCA

        graph = _connected_graph(x, self.neighbours) if len(x) > MANY_FOR_ISOMAP else None
        if graph is None:
            return manifold.Isomap(n_neighbors=self.neighbours, eigen_solver="dense").fit_transform(x)
        geodesic = shortest_path(graph, directed=False)  # [N, N]
        axes = KernelPCA(2, kernel="precomputed", eigen_solver="arpack", random_state=self.seed)
        return axes.fit_transform(-0.5 * geodesic**2)


class LLE:
    """Locally linear embedding, Roweis and Saul 2000, in the plane."""

    def __init__(self, seed: int, neighbours: int) -> None:
        self.seed, self.neighbours = seed, neighbours

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, 2]` of features `[N, D]`."""
        if len(x) > MANY_FOR_LLE and _connected_graph(x, self.neighbours) is not None:
            try:
                return self._solved(x, "arpack")
            except (RuntimeError, ValueError):  # it gives up on some features in which images occur twice
                pass
        return self._solved(x, "dense")

    def _solved(self, x: np.ndarray, solver: str) -> np.ndarray:
        from sklearn.manifold import LocallyLinearEmbedding

        return LocallyLinearEmbedding(
            n_neighbors=self.neighbours, random_state=self.seed, eigen_solver=solver
        ).fit_transform(x)


def _connected_graph(x: np.ndarray, neighbours: int) -> Any | None:
    """The sparse graph `[N, N]` of distances to the nearest neighbours; None where it falls into parts."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import kneighbors_graph

    graph = kneighbors_graph(x, neighbours, mode="distance")
    return graph if connected_components(graph, directed=False)[0] == 1 else None
