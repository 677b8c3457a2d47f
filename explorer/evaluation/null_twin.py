"""What a map shows of noise: a Gaussian of the same covariance, and whether features can be told from it.

Of all distributions of one covariance the Gaussian has the largest entropy. Clusters, threads and sheets bring points
closer together, so the difference of the mean log distance to a near neighbour, that of the twins less that of the
features, estimates their negentropy per dimension (Kozachenko and Leonenko 1987); of a Gaussian it is 0. Below 0 are
features spread more evenly than a Gaussian, as those on a sphere: structure, too.

A Gaussian sample is one draw among its twins, which have its very mean and covariance: the test needs no threshold in
nats. It is made at several neighbours, as each sees groups of at least its own size.
"""

from typing import NamedTuple

import numpy as np

from explorer.evaluation.neighbours import nearest
from explorer.evaluation.preparation import different_rows

KTHS = (1, 5, 15)  # neighbours whose distances are taken: pairs and triples are seen by the first alone
OF_NATS = 2  # of them, the nearest, are averaged to what is told in nats
TWINS = 15
MOST = 1000  # points that are compared; of more, so many drawn at random
FEWEST = 50  # different points: fewer cannot tell a Gaussian from anything but far clusters
DEVIATIONS = 4.0  # of the twins among themselves: 3 of 480 Gaussians of 8 spectra and 60, 200 or 600 points were beyond
ROUNDING = 1e-9  # nats: of as many points as dimensions and equal variances all twins have the same distances
SAID = (
    "these features cannot be told from a Gaussian of the same covariance by these {points:,} points: groups and "
    "threads on this map may be what the projection makes of noise"
)


class Structure(NamedTuple):
    """How much closer together points lie than those of a Gaussian of their covariance."""

    nats: float  # per dimension; 0 = as a Gaussian, below 0 = more evenly spread
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
    """How far features `[N, D]` are from Gaussians of the same covariance, and what to say of it.

    Of fewer than 50 different points nothing is said.
    """
    x = np.asarray(features, np.float64)
    if len(x) > MOST:
        x = x[np.sort(np.random.default_rng(seed).choice(len(x), MOST, replace=False))]
    x = x[different_rows(x)]  # copies would count as a structure of their own
    if len(x) < FEWEST:
        return Structure(0.0, 0.0, "")
    turned, values, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    held = values > 1e-12 * values[0]
    x, values = turned[:, held] * values[held], values[held]  # the same distances, in fewer numbers
    twins = np.stack([_mean_log_distances(_in_directions(len(x), values, seed + i)) for i in range(TWINS)])
    closer, deviation = twins.mean(0) - _mean_log_distances(x), twins.std(0, ddof=1)
    chance = bool(np.all(np.abs(closer) <= DEVIATIONS * deviation * np.sqrt(1 + 1 / TWINS) + ROUNDING))
    nats, spread = closer[:OF_NATS].mean(), twins[:, :OF_NATS].mean(1).std(ddof=1)
    return Structure(round(float(nats), 4), round(float(spread), 4), SAID.format(points=len(x)) if chance else "")


def _mean_log_distances(x: np.ndarray) -> np.ndarray:
    """Those to each of `KTHS`, `[K]`."""
    far = -nearest(x, x, max(KTHS), "euclidean", own=np.arange(len(x))).proximity
    return np.log(np.maximum(far, 1e-300)).mean(0)[np.array(KTHS) - 1]
