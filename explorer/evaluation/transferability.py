"""What can be said of a transfer before it is made: a score of the features, how far apart two sets are, and advice.

LogME: You et al. 2021, arXiv:2102.11005. Advice: the table of a lecture on transfer learning, little or much data, a
similar or a different set. Numpy only.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, NamedTuple

import numpy as np

TOLERANCE, ROUNDS, TINY = 1e-5, 100, 1e-10
EXACT, SHUFFLES = 8, 20_000  # sources up to which all orders are counted; shuffles for more
SMALL_P = 0.05
FEWEST = 5  # sources: with four even equal ranks have a p of 2/4! = 0.083
SIMILAR = 0.5  # a distance below is one of similar sets


class Evidence(NamedTuple):
    """The precisions of a Bayesian linear regression that explain one target best, and its log evidence in nats."""

    alpha: float  # of the prior of the weights
    beta: float  # of the noise
    value: float


def logme(z: np.ndarray, y: np.ndarray) -> float | None:
    """LogME of features `[N, D]` for labels `[N]`: log evidence per image and class, in nats; higher is better.

    The mean over the classes that occur, each as a target of 0 and 1, algorithm 1; nothing is trained. A class of no
    image is explained without any error, whatever the features. None where features or labels do not vary.
    """
    z, labels = np.asarray(z, np.float64), np.unique(y)
    if len(labels) < 2 or not np.ptp(z, axis=0).any():
        return None
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    targets = ((y == label).astype(np.float64) for label in labels)
    return float(np.mean([evidence(u.T @ t, t, s**2, z.shape[1]).value for t in targets]) / len(z))


def evidence(projected: np.ndarray, target: np.ndarray, s: np.ndarray, width: int) -> Evidence:
    """The largest log p(target | alpha, beta) of target = Z w + noise, w ~ N(0, 1/alpha), by the fixed point of eq. 4.

    `s` `[R]` are the squared singular values of Z `[N, width]`, `projected` `[R]` is U' target.
    """
    n, outside = len(target), max(0.0, float(target @ target - projected @ projected))
    alpha = beta = 1.0
    for _ in range(ROUNDS):
        t = alpha / beta
        gamma = (s / (s + t)).sum()
        weights = (s * projected**2 / (s + t) ** 2).sum()  # |m|^2 of the posterior mean
        residual = (projected**2 / (1 + s / t) ** 2).sum() + outside  # |target - Z m|^2
        alpha, beta = gamma / (weights + TINY), (n - gamma) / (residual + TINY)
        if abs(alpha / beta - t) <= TOLERANCE * t:
            break
    t = alpha / beta
    weights = (s * projected**2 / (s + t) ** 2).sum()
    residual = (projected**2 / (1 + s / t) ** 2).sum() + outside
    determinant = np.log(alpha + beta * s).sum() + (width - len(s)) * math.log(alpha)
    value = (width * math.log(alpha) + n * math.log(beta) - determinant - beta * residual - alpha * weights) / 2
    return Evidence(alpha, beta, float(value - n / 2 * math.log(2 * math.pi)))


# ---------------------------------------------------------------------------------------------- over sources


class Agreement(NamedTuple):
    """Whether two scores of the same sources rank them alike: Spearman's correlation."""

    n: int
    correlation: float | None  # in [-1, 1]; None with fewer than three sources, or where all of one score are equal
    p: float | None  # of a correlation at least as far from 0 in a random order

    @property
    def words(self) -> str:
        """In a sentence."""
        if self.n < FEWEST:
            count = f"{self.n} source{'' if self.n == 1 else 's'}"
            return f"{count}: too few to compare ranks, it takes {FEWEST} (with 4 even equal ranks have p = 0.08)"
        if self.correlation is None:
            return f"all of the {self.n} sources have the same score: there is nothing to rank"
        sure = "the ranks agree" if self.correlation > 0 else "the ranks are reversed"
        seen = sure if self.p < SMALL_P else "whether they rank alike is not shown"
        return f"Spearman {self.correlation:+.2f} over {self.n} sources (p = {self.p:.3f}): {seen}"


def rank_agreement(first: Mapping[str, float], second: Mapping[str, float]) -> Agreement:
    """Of the sources that both know: linear probes and fine-tuned accuracies, LogME and accuracies …"""
    both = sorted(first.keys() & second.keys())
    a, b = (ranks([of[name] for name in both]) for of in (first, second))
    if len(both) < 3 or not a.std() or not b.std():
        return Agreement(len(both), None, None)
    measured = _correlation(a, b)
    if len(both) <= EXACT:
        others = [_correlation(a, np.array(order)) for order in permutations(b)]
    else:
        rng = np.random.default_rng(0)
        others = [_correlation(a, rng.permutation(b)) for _ in range(SHUFFLES)]
    return Agreement(len(both), measured, float(np.mean(np.abs(others) >= abs(measured) - 1e-9)))


def ranks(values: Sequence[float]) -> np.ndarray:
    """Ranks from 1; equal values share the mean of theirs."""
    array = np.asarray(values, float)
    below, equal = (array[:, None] > array).sum(1), (array[:, None] == array).sum(1)
    return below + (equal + 1) / 2


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / math.sqrt((a @ a) * (b @ b)))


# ------------------------------------------------------------------------------------------ size and distance


class Distance(NamedTuple):
    """How well source and target images are told apart in the source's own features: 0 not at all, 1 without error."""

    value: float  # 1 - 2 e, half of the proxy A-distance; e is the error of the nearest neighbour's set
    n: int  # images of each set

    @property
    def similar(self) -> bool:
        """Whether it is nearer to no difference than to a full one."""
        return self.value < SIMILAR


def distance(source: np.ndarray, target: np.ndarray) -> Distance:
    """Of features `[N, D]` of source images and `[M, D]` of target images; as many of each are taken, evenly.

    A classifier two-sample test, Lopez-Paz & Oquab 2017, arXiv:1610.06545, as a distance (Ben-David et al. 2007): each
    image is given the set of its nearest neighbour among the others, by cosine after centring.
    """
    n = min(len(source), len(target))
    z = np.concatenate([each[np.linspace(0, len(each) - 1, n).round().astype(int)] for each in (source, target)])
    z = np.asarray(z, np.float64) - z.mean(0)
    z /= np.maximum(np.linalg.norm(z, axis=1, keepdims=True), TINY)
    likeness = z @ z.T
    np.fill_diagonal(likeness, -np.inf)
    sets = np.repeat([0, 1], n)
    error = float((sets[likeness.argmax(1)] != sets).mean())
    return Distance(max(0.0, 1 - 2 * error), n)


class Placement(NamedTuple):
    """Where a transfer stands in the table of advice, by what was measured."""

    images: int  # labelled
    width: int  # numbers in one representation
    distance: Distance | None  # None: the source's own images are not here

    @property
    def little(self) -> bool:
        """Whether there are fewer labelled images than a linear classifier has numbers for each class."""
        return self.images < self.width

    @property
    def advice(self) -> str:
        """What the lecture advises there; without a distance, both."""
        if self.distance is None:
            return f"{ADVICE[self.little, True]} if the sets are similar, {ADVICE[self.little, False]} if not"
        return ADVICE[self.little, self.distance.similar]

    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        far = self.distance
        measured = None if far is None else far._asdict() | {"similar": far.similar}
        about = {"images": self.images, "width": self.width, "little": self.little}
        return about | {"distance": measured, "advice": self.advice}


ADVICE = {  # by little data, and a similar set
    (True, True): "train a linear classifier on the frozen features",
    (True, False): "try a linear classifier on features of different stages, earlier ones too",
    (False, True): "fine-tune a few layers, or all with a small learning rate",
    (False, False): "fine-tune a larger number of layers",
}
