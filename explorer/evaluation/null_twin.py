"""What a map shows of noise: a Gaussian of the same covariance, and whether features have more structure than it.

Of all distributions of one covariance the Gaussian has the largest entropy. Clusters, threads and sheets bring points
closer together, so the difference of the mean log distance to a near neighbour, that of the twins less that of the
features, estimates their negentropy per dimension (Kozachenko and Leonenko 1987); of a Gaussian it is 0.
"""

from typing import NamedTuple

import numpy as np

from explorer.evaluation.neighbours import nearest
from explorer.evaluation.preparation import different_rows

KTH = 5  # neighbour whose distance is taken
TWINS = 9
MOST = 500  # points that are compared; of more, so many drawn at random
LEAST = 0.015  # nats: 72 Gaussians of 6 spectra and 200 points had at most 0.023 in 2, and 0.009 in more dimensions
DEVIATIONS = 3.0  # of the twins among themselves: 216 Gaussians of 60 to 600 points had at most 2.7
SAID = (
    "these features have no more structure than a Gaussian of the same covariance: groups and threads on this map are "
    "what the projection makes of noise"
)


class Structure(NamedTuple):
    """How much closer together points lie than those of a Gaussian of their covariance."""

    nats: float  # per dimension; 0 = not at all
    deviation: float  # of the twins among themselves, in nats
    warning: str  # a sentence where that is no more than chance; else empty


def gaussian_twin(features: np.ndarray, seed: int = 0) -> np.ndarray:
    """A Gaussian sample `[N, D]` with the very mean and covariance of features `[N, D]`.

    Its directions are those of the features; its coordinates in them are random numbers made orthogonal and brought to
    the same variances.
    """
    x = np.asarray(features, np.float64)
    mean = x.mean(0)
    _, values, directions = np.linalg.svd(x - mean, full_matrices=False)
    held = values > 1e-12 * max(values[0], 1e-300)
    return _in_directions(len(x), values[held], seed) @ directions[held] + mean


def _in_directions(points: int, values: np.ndarray, seed: int) -> np.ndarray:
    """Random coordinates `[N, R]`: orthogonal, around 0, as long as the singular values say."""
    noise = np.random.default_rng((seed, 7)).normal(size=(points, len(values)))
    return np.linalg.qr(noise - noise.mean(0))[0] * values


def structure(features: np.ndarray, seed: int = 0) -> Structure:
    """How much more structure features `[N, D]` have than Gaussians of the same covariance, and what to say of it."""
    x = np.asarray(features, np.float64)
    if len(x) > MOST:
        x = x[np.sort(np.random.default_rng(seed).choice(len(x), MOST, replace=False))]
    x = x[different_rows(x)]  # copies would count as a structure of their own
    if len(x) < 2 * KTH:
        return Structure(0.0, 0.0, "")
    turned, values, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    held = values > 1e-12 * values[0]
    x, values = turned[:, held] * values[held], values[held]  # the same distances, in fewer numbers
    twins = np.array([_mean_log_distance(_in_directions(len(x), values, seed + i)) for i in range(TWINS)])
    nats, deviation = float(twins.mean() - _mean_log_distance(x)), float(twins.std(ddof=1))
    chance = nats <= max(LEAST, DEVIATIONS * deviation * np.sqrt(1 + 1 / TWINS))
    return Structure(round(nats, 4), round(deviation, 4), SAID if chance else "")


def _mean_log_distance(x: np.ndarray) -> float:
    far = -nearest(x, x, KTH, "euclidean", own=np.arange(len(x))).proximity[:, KTH - 1]
    return float(np.log(np.maximum(far, 1e-300)).mean())
