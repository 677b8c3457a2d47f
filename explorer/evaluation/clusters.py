"""Clusters of features: k-means and HDBSCAN, how compact they are, how far they agree with labels, typical images."""

from typing import Literal, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.preparation import Metric, preparation

Method = Literal["kmeans", "hdbscan"]
STARTS = 10  # of k-means; the best is kept
NOISE = -1  # the cluster of a point that HDBSCAN leaves out
TYPICAL = 8  # images that stand for a cluster
MOST = 20_000  # points of HDBSCAN, whose time grows with their square
SILHOUETTE = 2_000  # points whose silhouette is measured; of more, so many drawn at random


class Clusters(NamedTuple):
    """Which cluster each point is in, largest first, and what that is worth."""

    cluster: np.ndarray  # int64 [N]; -1 = in none (HDBSCAN)
    sizes: np.ndarray  # [K]
    silhouette: float | None  # in [-1, 1]; None where there are not two clusters
    ari: float | None  # adjusted Rand index with the labels, 0 = chance, 1 = the same; None without two labels
    nmi: float | None  # normalised mutual information with the labels, in [0, 1]
    typical: np.ndarray  # [K, T] positions of the images that a cluster is about, best first; -1 where it has fewer
    labels: np.ndarray  # [K] the most frequent label of each
    purity: np.ndarray  # [K] the share of it

    @property
    def outside(self) -> int:
        """How many points are in no cluster."""
        return int((self.cluster == NOISE).sum())


def find(
    features: np.ndarray, y: np.ndarray, how: Method = "kmeans", k: int = 10, min_cluster_size: int = 10, seed: int = 0,
    metric: Metric = "euclidean",
) -> Clusters:  # fmt: skip
    """Clusters of features `[N, D]` with labels `[N]`: k of k-means, or HDBSCAN's, each of at least so many points.

    Scores leave out what is in no cluster. Raises `Refused` where there are too few points, or all are the same.
    """
    x = preparation(features, metric).apply(features)
    cluster = _ordered(_kmeans(x, k, seed) if how == "kmeans" else _hdbscan(x, min_cluster_size))
    inside = cluster != NOISE
    y, sizes = np.asarray(y), np.bincount(cluster[inside]) if inside.any() else np.zeros(0, np.int64)
    counts = [np.bincount(y[cluster == i], minlength=int(y.max()) + 1) for i in range(len(sizes))]
    scores = _agreement(y[inside], cluster[inside])
    labels = np.array([count.argmax() for count in counts], np.int64)
    purity = np.array([count.max() / count.sum() for count in counts])
    return Clusters(
        cluster, sizes, silhouette(x[inside], cluster[inside]), *scores, typical(x, cluster), labels, purity
    )


def typical(x: np.ndarray, cluster: np.ndarray, most: int = TYPICAL) -> np.ndarray:
    """Of each cluster the points `[K, most]` that it is about: near its mean and far from that of the next cluster.

    Ranked by how much farther the nearest other mean is than the own one, as a share of it.
    """
    from scipy.spatial.distance import cdist

    k = int(cluster.max(initial=NOISE)) + 1
    means = np.stack([x[cluster == i].mean(0) for i in range(k)]) if k else np.zeros((0, x.shape[1]))
    found = np.full((k, most), -1, np.int64)
    for i in range(k):
        at = np.flatnonzero(cluster == i)
        apart = cdist(x[at], means)
        others = np.delete(apart, i, 1).min(1) if k > 1 else np.ones(len(at))
        best = at[np.argsort(apart[:, i] / np.maximum(others, 1e-12), kind="stable")[:most]]
        found[i, : len(best)] = best
    return found


def _kmeans(x: np.ndarray, k: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    if not 2 <= k <= len(x):
        raise Refused(f"{len(x)} points cannot form {k} clusters: take 2 to {len(x)}")
    return KMeans(k, n_init=STARTS, random_state=seed).fit(x).labels_


def _hdbscan(x: np.ndarray, min_cluster_size: int) -> np.ndarray:
    from sklearn.cluster import HDBSCAN

    if not 2 <= min_cluster_size <= len(x):
        raise Refused(f"{len(x)} points have no clusters of at least {min_cluster_size}: take 2 to {len(x)}")
    if len(x) > MOST:
        raise Refused(f"{len(x):,} points are too many for HDBSCAN: take at most {MOST:,}, or k-means")
    return HDBSCAN(min_cluster_size=min_cluster_size, copy=True).fit(x).labels_


def _ordered(cluster: np.ndarray) -> np.ndarray:
    """The same clusters, numbered from the largest."""
    names, sizes = np.unique(cluster[cluster != NOISE], return_counts=True)
    place = {int(name): i for i, name in enumerate(names[np.argsort(-sizes, kind="stable")])} | {NOISE: NOISE}
    return np.array([place[int(it)] for it in cluster], np.int64)


def silhouette(x: np.ndarray, cluster: np.ndarray) -> float | None:
    """How compact clusters `[N]` of features `[N, D]` are, in [-1, 1]; Rousseeuw 1987. None where there are not two."""
    from sklearn.metrics import silhouette_score

    at = _sample(cluster)
    if not 2 <= len(np.unique(cluster)) < len(at):
        return None
    return float(silhouette_score(x[at], cluster[at]))


def _sample(cluster: np.ndarray) -> np.ndarray:
    """Positions of points whose silhouette is measured, of each cluster one at least; all, where they are few."""
    order = np.random.default_rng(0).permutation(len(cluster))
    first = np.unique(cluster[order], return_index=True)[1]
    rest = np.setdiff1d(np.arange(len(order)), first)
    return np.sort(order[np.concatenate([first, rest])[:SILHOUETTE]])


def _agreement(y: np.ndarray, cluster: np.ndarray) -> tuple[float | None, float | None]:
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    if len(np.unique(y)) < 2 or not len(cluster):
        return None, None
    return float(adjusted_rand_score(y, cluster)), float(normalized_mutual_info_score(y, cluster))
