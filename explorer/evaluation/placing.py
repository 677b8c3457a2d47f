"""New points on a map that is there: each finds its place among the old ones, of which none moves.

Nothing is fitted again and nothing pickled: the features of the old points and their stored coordinates are enough. The
principal axes follow from both; geodesics, neighbour graphs and affinities are found again from the same features.
"""

import warnings
from collections.abc import Callable

import numpy as np

from explorer.errors import Refused, choose
from explorer.evaluation.linear import KernelPCA
from explorer.evaluation.manifolds import geodesics
from explorer.evaluation.neighbours import nearest
from explorer.evaluation.preparation import preparation
from explorer.evaluation.projections import Options, fitted
from explorer.evaluation.tsne import TSNE
from explorer.evaluation.umap_maps import UMAP

Place = Callable[[np.ndarray, np.ndarray, np.ndarray, Options], np.ndarray]
REGULAR = 1e-3  # of the trace, added to the Gram matrix of LLE's weights, as in fitting


def place(how: str, features: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    """Where new features `[M, D]` lie on the map `[N, d]` that `project` drew of features `[N, D]` with these options.

    A row that is not finite is refused, as is one of another length. Raises `Refused`.
    """
    new = np.atleast_2d(np.asarray(new, np.float64))
    if new.shape[1] != features.shape[1]:
        has = f"the new points have {new.shape[1]} numbers and those of the map {features.shape[1]}"
        raise Refused(f"{has}: take the features of the same model")
    if not np.isfinite(new).all():
        raise Refused("some features of the new points are not finite, so they have no place on the map")
    if not len(new):
        return np.empty((0, coords.shape[1]), np.float32)
    prepared = preparation(features, options.metric, options.dims)
    x, options = prepared.apply(features), fitted(how, options, len(features))[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = choose("projection", how, PLACES)(x, np.asarray(coords, np.float64), prepared.apply(new), options)
    return np.asarray(found, np.float32)


def _pca(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    """Coordinates are U S and features U S V': V follows from both."""
    mean = x.mean(0)
    return (new - mean) @ ((x - mean).T @ coords) / _squares(coords)


def _kernel_pca(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    """The centred kernel with the old points, times the eigenvectors over the roots of their eigenvalues."""
    kernel = KernelPCA(options.seed, options.dims, options.kernel_width).kernel
    return _extended(kernel(x, x), kernel(new, x), coords)


def _isomap(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    """Geodesics go through the nearest old points; then as any kernel, Bengio et al. 2004."""
    paths = geodesics(x, options.neighbours)
    near = nearest(x, new, options.neighbours, "euclidean", centre=False)
    steps = np.stack([(paths[at] - far[:, None]).min(0) for at, far in zip(near.index, near.proximity, strict=True)])
    return _extended(-0.5 * paths**2, -0.5 * steps**2, coords)


def _lle(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    """The weights that rebuild a point from its nearest old ones, on the map, Saul and Roweis 2003."""
    near = nearest(x, new, options.neighbours, "euclidean", centre=False).index
    placed = np.empty((len(new), coords.shape[1]))
    for i, at in enumerate(near):
        apart = x[at] - new[i]
        gram = apart @ apart.T
        trace = np.trace(gram)
        gram.flat[:: len(at) + 1] += REGULAR * trace if trace > 0 else REGULAR
        weights = np.linalg.solve(gram, np.ones(len(at)))
        placed[i] = weights / weights.sum() @ coords[at]
    return placed


def _tsne(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    return TSNE(options.perplexity, options.seed, None, options.dims).place(x, coords, new)


def _umap(x: np.ndarray, coords: np.ndarray, new: np.ndarray, options: Options) -> np.ndarray:
    return UMAP(options.seed, options.neighbours, options.dims, options.min_dist).place(x, coords, new)


PLACES: dict[str, Place] = {
    "pca": _pca, "kernel_pca": _kernel_pca, "lle": _lle, "isomap": _isomap, "tsne": _tsne, "umap": _umap,
}  # fmt: skip


def _extended(kernel: np.ndarray, new: np.ndarray, coords: np.ndarray) -> np.ndarray:
    """The kernel `[M, N]` with new points, centred as `[N, N]` was, on the axes of the coordinates `[N, d]`."""
    means = kernel.mean(0)
    centred = new - new.mean(1, keepdims=True) - means + means.mean()
    return centred @ coords / _squares(coords)


def _squares(coords: np.ndarray) -> np.ndarray:
    """The eigenvalue of each axis: the sum of its squared coordinates."""
    return np.maximum((coords**2).sum(0), 1e-30)
