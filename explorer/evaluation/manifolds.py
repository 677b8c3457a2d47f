"""Isomap and LLE, with the solver of the eigenvalue problem that suits the number of points.

Of many points ARPACK finds the axes in a fraction of the time of a dense solver. Its start vector is drawn from the
seed. A neighbour graph in several parts is left to the dense solver: its axes are not determined, and a seed would
choose them.
"""

from typing import Any

import numpy as np

MANY_FOR_ISOMAP, MANY_FOR_LLE = 500, 1000  # points up to which the dense solver is as fast
IN_PARTS = (
    "the graph of {neighbours} nearest neighbours falls into {parts} parts, {what}; more neighbours would connect them"
)


class Isomap:
    """Isomap, Tenenbaum et al. 2000."""

    def __init__(self, seed: int, neighbours: int, dims: int = 2) -> None:
        self.seed, self.neighbours, self.dims = seed, neighbours, dims
        self.notes: tuple[str, ...] = ()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`."""
        from sklearn import manifold
        from sklearn.decomposition import KernelPCA

        graph, parts = _graph(x, self.neighbours)
        if parts > 1:
            what = "which are joined by their shortest links: how far the parts lie apart means little"
            self.notes = (IN_PARTS.format(neighbours=self.neighbours, parts=parts, what=what),)
        if parts > 1 or len(x) <= MANY_FOR_ISOMAP:
            slow = manifold.Isomap(n_neighbors=self.neighbours, n_components=self.dims, eigen_solver="dense")
            return slow.fit_transform(x)
        axes = KernelPCA(self.dims, kernel="precomputed", eigen_solver="arpack", random_state=self.seed)
        return axes.fit_transform(-0.5 * _paths(graph) ** 2)


def geodesics(x: np.ndarray, neighbours: int) -> np.ndarray:
    """The shortest paths `[N, N]` along the graph of nearest neighbours that Isomap lays out; parts are joined."""
    from sklearn import manifold

    graph, parts = _graph(x, neighbours)
    if parts == 1:
        return _paths(graph)
    return manifold.Isomap(n_neighbors=neighbours, n_components=1, eigen_solver="dense").fit(x).dist_matrix_


class LLE:
    """Locally linear embedding, Roweis and Saul 2000."""

    def __init__(self, seed: int, neighbours: int, dims: int = 2) -> None:
        self.seed, self.neighbours, self.dims = seed, neighbours, dims
        self.notes: tuple[str, ...] = ()

    def fit_transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates `[N, dims]` of features `[N, D]`."""
        parts = _graph(x, self.neighbours)[1]
        if parts > 1:
            what = "each of which LLE draws as a point"
            self.notes = (IN_PARTS.format(neighbours=self.neighbours, parts=parts, what=what),)
        if len(x) > MANY_FOR_LLE and parts == 1:
            try:
                return self._solved(x, "arpack")
            except (RuntimeError, ValueError):  # it gives up on some features in which images occur twice
                pass
        return self._solved(x, "dense")

    def _solved(self, x: np.ndarray, solver: str) -> np.ndarray:
        from sklearn.manifold import LocallyLinearEmbedding

        return LocallyLinearEmbedding(
            n_neighbors=self.neighbours, n_components=self.dims, random_state=self.seed, eigen_solver=solver
        ).fit_transform(x)


def _graph(x: np.ndarray, neighbours: int) -> tuple[Any, int]:
    """The sparse graph `[N, N]` of distances to the nearest neighbours, and into how many parts it falls."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.neighbors import kneighbors_graph

    graph = kneighbors_graph(x, neighbours, mode="distance")
    return graph, int(connected_components(graph, directed=False)[0])


def _paths(graph: Any) -> np.ndarray:
    from scipy.sparse.csgraph import shortest_path

    return shortest_path(graph, directed=False)
