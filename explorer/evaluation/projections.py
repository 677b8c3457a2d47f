"""Maps: features `[N, D]` to the plane, and how far each map preserves neighbours."""

import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from explorer import Refused, choose
from explorer.evaluation import neighbours as neighbour_search
from explorer.evaluation.compiled_umap import compiled_umap
from explorer.evaluation.manifolds import LLE, Isomap
from explorer.evaluation.tsne import TSNE, Progress

TRUST_AT = 10  # nearest neighbours of which the trustworthiness is measured, whatever a map was drawn with


class Projection(NamedTuple):
    """One way to draw a map."""

    title: str
    make: Callable[[int, int, Progress | None], Any]  # (seed, neighbours, progress) -> something with fit_transform


class Map(NamedTuple):
    """A drawn map."""

    coords: np.ndarray  # [N, 2] float32
    seconds: float
    trustworthiness: float  # in [0, 1]: 1 = all of the 10 nearest neighbours on the map are neighbours in the features


def _pca(seed: int, neighbours: int, progress: Progress | None) -> Any:
    from sklearn.decomposition import PCA

    return PCA(2, random_state=seed)


def _kernel_pca(seed: int, neighbours: int, progress: Progress | None) -> Any:
    from sklearn.decomposition import KernelPCA

    return KernelPCA(2, kernel="rbf", random_state=seed)


def _lle(seed: int, neighbours: int, progress: Progress | None) -> Any:
    return LLE(seed, neighbours)


def _isomap(seed: int, neighbours: int, progress: Progress | None) -> Any:
    return Isomap(seed, neighbours)


def _tsne(seed: int, neighbours: int, progress: Progress | None) -> Any:
    return TSNE(3 * neighbours, seed, progress)


def _umap(seed: int, neighbours: int, progress: Progress | None) -> Any:
    return compiled_umap()(n_components=2, n_neighbors=neighbours, random_state=seed, n_jobs=1)


PROJECTIONS: dict[str, Projection] = {
    "pca": Projection("PCA", _pca),
    "kernel_pca": Projection("Kernel PCA", _kernel_pca),
    "lle": Projection("LLE", _lle),
    "isomap": Projection("Isomap", _isomap),
    "tsne": Projection("t-SNE", _tsne),
    "umap": Projection("UMAP", _umap),
}


def project(
    features: np.ndarray, how: str, seed: int = 0, neighbours: int = 10, progress: Progress | None = None
) -> Map:
    """The map of features `[N, D]`; the columns are centred and share one scale, for a kernel's width to mean the same.

    Its seconds are those of the computation alone, after all imports. t-SNE reports its `progress`.
    """
    projection = choose("projection", how, PROJECTIONS)
    x = _checked(np.asarray(features, np.float64), how, neighbours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # disconnected graphs, forced single threads: no news to a reader of maps
        estimator = projection.make(seed, neighbours, progress)
        start = perf_counter()
        coords = np.asarray(estimator.fit_transform(x), np.float32)
        seconds = perf_counter() - start
    if not np.isfinite(coords).all():
        raise Refused(f"{how} found no map of these features: choose another projection or a larger neighbourhood size")
    return Map(coords, round(seconds, 3), trust(x, coords))


def _checked(x: np.ndarray, how: str, neighbours: int) -> np.ndarray:
    """Features `[N, D]`, at least two of them, centred and scaled; raises `Refused` where there is nothing to map."""
    if neighbours < 2:
        raise Refused(f"a neighbourhood size of {neighbours} is too small for {how}: take at least 2")
    least = 3 * neighbours + 2  # of t-SNE's perplexity
    if len(x) < least:
        raise Refused(f"{len(x)} points are too few for {how} with {neighbours} neighbours: take at least {least}")
    if not np.isfinite(x).all():
        raise Refused("some features are not finite, so no map can be drawn: train with a lower learning rate")
    size = np.abs(x).max()
    x = x - x.mean(0)
    if x.std() <= 1e-7 * size:
        raise Refused("all images have the same features, so no map can be drawn: the representation has collapsed")
    return np.pad(x / x.std(), ((0, 0), (0, max(0, 2 - x.shape[1]))))


def trust(x: np.ndarray, coords: np.ndarray) -> float:
    """Trustworthiness at 10 neighbours, Venna and Kaski 2001, as in scikit-learn: maps of all sizes are comparable.

    Of fewer than 21 points it is that at the largest number for which it is defined.
    """
    from sklearn.manifold import trustworthiness

    return round(float(trustworthiness(x, coords, n_neighbors=min(TRUST_AT, (len(x) - 1) // 2))), 4)


def nearest(features: np.ndarray, n: int = 10) -> np.ndarray:
    """`[N, n]` positions of the nearest others by cosine after centring, nearest first."""
    z = np.asarray(features, np.float32)
    return neighbour_search.nearest(z, z, n, own=np.arange(len(z))).index


def scaled(features: np.ndarray) -> np.ndarray:
    """Features `[N, D]` around their mean, with a length of 1 on average: frames of all steps share one scale.

    At least two columns; what is no number counts as 0.
    """
    features = np.nan_to_num(features.astype(np.float32))
    features = features if features.shape[1] > 1 else np.pad(features, ((0, 0), (0, 1)))
    centred = features - features.mean(0)
    return centred / max(float(np.sqrt((centred**2).sum(1).mean())), 1e-9)


def common_axes(last_features: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The two principal axes `[D, 2]` of a run's last frame, on which all its frames are drawn: `scaled(f) @ axes`.

    An axis of a PCA has no sign: each points to where the classes lie in their order as on a clock, as far as it can.
    """
    features = scaled(last_features)
    axes = _principal(features)
    classes = np.unique(y)
    centres = np.stack([(features[y == label] @ axes).mean(0) for label in classes])
    clock = 2 * np.pi * np.arange(len(classes)) / len(classes)
    agree = (centres * np.stack([np.sin(clock), np.cos(clock)], 1)).sum(0)
    return axes * np.where(agree < 0, -1, 1)


def following_axes(features: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The two principal axes `[D, 2]` of a frame, turned so that its images lie nearest to `before` `[N, 2]`.

    Orthogonal Procrustes: the map of a run that is still training neither turns nor flips from frame to frame.
    """
    features = scaled(features)
    axes = _principal(features)
    left, _, right = np.linalg.svd((features @ axes).T @ before)
    return axes @ (left @ right)


def _principal(features: np.ndarray) -> np.ndarray:
    """The directions `[D, 2]` of largest variance of centred features."""
    return np.linalg.eigh(features.T @ features)[1][:, :-3:-1]


def on_axes(features: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Coordinates `[N, 2]` of features `[N, D]`, scaled as ever, on axes `[D, 2]` such as those of `common_axes`."""
    return scaled(features) @ axes
