"""Does each factor have a dimension of its own? MIG, SAP and DCI of codes, and which factor each dimension follows.

Factors are numbers `[N]`: whole numbers with few different values are classes, all others are on a scale.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from explorer.errors import Refused

BINS, FULL = (
    20,
    2.5,
)  # of each number on a scale, equally full: at most; images for a pair of bins, in the mean at least
TREES, LEAF, ROWS = 30, 5, 2000  # of the forest behind DCI; images in a leaf at least; images it learns from at most
FOLLOWS = 0.1  # of a factor's entropy: a dimension that says less follows none

Factors = Mapping[str, np.ndarray]


class Dci(NamedTuple):
    """Eastwood and Williams 2018, openreview By-7dz-AZ."""

    disentanglement: float  # of each dimension, how far it is about one factor; weighted by how much it is used
    completeness: float  # of each factor, how far one dimension is enough
    informativeness: float  # R² or accuracy over chance with which factors are read off, on images not learned from
    importance: np.ndarray  # [D, F]


def mig(z: np.ndarray, factors: Factors) -> dict[str, float]:
    """The mutual information gap of each factor over the dimensions of codes `[N, D]`, in [0, 1].

    Chen et al. 2018, arXiv:1802.04942, eq. 6, from counts in bins, of shares over chance.
    """
    found = {}
    for name, told in shares(z, factors).items():
        ordered = np.sort(told)[::-1]
        found[name] = float(ordered[0] - (ordered[1] if len(ordered) > 1 else 0.0))
    return found


def follows(z: np.ndarray, factors: Factors) -> list[tuple[str, float]]:
    """For each dimension of codes `[N, D]` the factor that it says most of, and the share of its entropy.

    The name is empty where a dimension says less than a tenth of any.
    """
    told, found = shares(z, factors), []
    for i in range(z.shape[1]):
        best = max(told, key=lambda name: told[name][i])
        share = float(told[best][i])
        found.append((best if share >= FOLLOWS else "", share))
    return found


def shares(z: np.ndarray, factors: Factors) -> dict[str, np.ndarray]:
    """The share `[D]` of each factor's entropy that each dimension of codes `[N, D]` tells, over chance: 0 = no more.

    Counts in bins tell something of noise, too, the more the fewer images. What they tell in the mean of a factor that
    was shuffled (exactly: Vinh et al. 2010, JMLR 11, theorem 2) is left out of the information and of the entropy.
    """
    from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

    codes, found = [binned(column) for column in z.T], {}
    for name, values in factors.items():
        v = binned(values)
        entropy, told = mutual_information(v, v), []
        for column in codes:
            chance = expected_mutual_information(contingency_matrix(v, column, sparse=True), len(v))
            left = entropy - chance
            told.append(max(0.0, mutual_information(column, v) - chance) / left if left > 1e-9 else 0.0)
        found[name] = np.array(told)
    return found


def binned(values: np.ndarray) -> np.ndarray:
    """Numbers of equally full bins `[N]`; equal values are in one bin, and a few different ones have one each.

    So many that a pair of bins holds 2.5 images in the mean, at most 20.
    """
    levels, at = np.unique(values, return_inverse=True)
    if len(levels) <= BINS:
        return at.reshape(-1)
    bins = int(np.clip((len(values) / FULL) ** 0.5, 2, BINS))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)[1:-1]))
    return np.searchsorted(edges, values, side="right")


def mutual_information(a: np.ndarray, b: np.ndarray) -> float:
    """Of two lists of bins `[N]`, in nats."""
    width = int(b.max()) + 1
    joint = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width).reshape(-1, width) / len(a)
    apart = joint.sum(1, keepdims=True) * joint.sum(0)
    there = joint > 0
    return float((joint[there] * np.log(joint[there] / apart[there])).sum())


def categorical(values: np.ndarray) -> bool:
    """Whether a factor is one of a few classes."""
    return np.issubdtype(values.dtype, np.integer) and len(np.unique(values)) <= BINS


def sap(z: np.ndarray, factors: Factors) -> dict[str, float]:
    """The separated attribute predictability gap of each factor over single dimensions of codes `[N, D]`, in [0, 1].

    Kumar et al. 2018, arXiv:1711.00848, section 3.3: the best dimension's score minus that of the next one; R² of a
    line for a number, and for a class the share of its variance between means (the paper trains linear SVMs, and
    weighs their errors): the same regression, from a dimension to the class.
    """
    found = {}
    for name, values in factors.items():
        scores = np.sort([_between(column, values) if categorical(values) else _line(column, values)
                          for column in z.T])[::-1]  # fmt: skip
        found[name] = float(scores[0] - (scores[1] if len(scores) > 1 else 0.0))
    return found


def _line(a: np.ndarray, b: np.ndarray) -> float:
    """R² of a straight line."""
    a, b = a - a.mean(), b - b.mean()
    scale = float((a**2).sum() * (b**2).sum())
    return float((a * b).sum() ** 2 / scale) if scale > 1e-24 else 0.0


def _between(column: np.ndarray, classes: np.ndarray) -> float:
    """The share of a dimension's variance that lies between the classes (the correlation ratio)."""
    at = np.unique(classes, return_inverse=True)[1]
    n = np.bincount(at)
    means = np.bincount(at, column) / n
    total = float(((column - column.mean()) ** 2).sum())
    return float((n * (means - column.mean()) ** 2).sum() / total) if total > 1e-12 else 0.0


def dci(z: np.ndarray, factors: Factors, seed: int = 0) -> Dci:
    """Disentanglement, completeness and informativeness, from the importances of a forest for each factor.

    Half of the images are learned from, the other half asked about. Raises `Refused` for fewer than 40.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    if len(z) < 40:
        raise Refused(f"{len(z)} images are too few to read factors off: take 40 or more")
    order = np.random.default_rng(seed).permutation(len(z))[: 2 * ROWS]
    learn, ask = order[: len(order) // 2], order[len(order) // 2 :]
    options = {"n_estimators": TREES, "min_samples_leaf": LEAF, "max_features": 1.0, "random_state": seed}
    importance, scores = [], []
    for values in factors.values():
        kind = RandomForestClassifier if categorical(values) else RandomForestRegressor
        found = kind(**options).fit(z[learn], values[learn])
        score = found.score(z[ask], values[ask])
        if categorical(values):
            chance = np.bincount(np.unique(values[ask], return_inverse=True)[1]).max() / len(ask)
            score = (score - chance) / (1 - chance) if chance < 1 else 0.0
        scores.append(max(0.0, score))
        importance.append(found.feature_importances_)
    weights = np.array(importance).T  # [D, F]
    return Dci(*_both(weights), float(np.mean(scores)), weights)


def _both(importance: np.ndarray) -> tuple[float, float]:
    """Disentanglement and completeness `[D, F]`: one minus the entropy over factors, or over dimensions, weighted."""
    total = importance.sum()
    if total <= 0:
        return 0.0, 0.0
    rows, columns = importance.sum(1), importance.sum(0)
    return (
        float((_purity(importance) * rows).sum() / total),
        float((_purity(importance.T) * columns).sum() / total),
    )


def _purity(weights: np.ndarray) -> np.ndarray:
    """One minus the entropy of each row in units of its largest `[rows]`; 1 where there is but one column."""
    if weights.shape[1] < 2:
        return np.ones(len(weights))
    sums = weights.sum(1, keepdims=True)
    shares = np.where(sums > 0, weights / np.maximum(sums, 1e-300), 1 / weights.shape[1])
    logs = np.log(np.maximum(shares, 1e-300))
    return 1 + (shares * logs).sum(1) / np.log(weights.shape[1])
