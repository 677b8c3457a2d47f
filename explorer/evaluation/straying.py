"""How far a way between images strays from real images, in spaces that no way lives in; with an interval over pairs.

A code's own space cannot tell: there a blend of pixels is embedded as an image, and every image lies near the data.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import neighbours, statistics

Embed = Callable[[np.ndarray], np.ndarray]
LEAST = 0.1  # reach below which a way goes nowhere: nothing that it adds or does not add tells of interpolation


class Space(NamedTuple):
    """Real images in a space, and the distance in it that is usual."""

    name: str
    embed: Embed  # images uint8 [N, C, H, W] to points [N, F]
    bank: np.ndarray  # [N, F], of training images
    usual: float  # the median distance of an image that is not among them to the nearest


def collapsed(way: Mapping[str, Any]) -> bool:
    """Whether a measured way goes nowhere, so that it cannot be compared with one that does."""
    return way["reach"] < LEAST


def flat(images: np.ndarray) -> np.ndarray:
    """Pixels `[N, C*H*W]` in [0, 1] of images `uint8`."""
    return np.asarray(images).reshape(len(images), -1).astype(np.float32) / 255


def space(name: str, embed: Embed, training: np.ndarray, others: np.ndarray) -> Space:
    """The space of images `uint8 [N, C, H, W]`; `others` are real ones that are not among the training images.

    Raises `Refused` where most of the others are copies of training images: then there is no usual distance.
    """
    bank = embed(training)
    usual = float(np.median(_nearest(bank, embed(others))))
    if usual <= 1e-6 * np.abs(bank).max(initial=0):
        raise Refused(f"most images are copies of training images in {name}, so there is no usual distance off them")
    return Space(name, embed, bank, usual)


def stray(where: Space, images: np.ndarray) -> np.ndarray:
    """The distance `[N]` of each image to the nearest training image; 1 = that of a real image not in training."""
    return of_points(where, where.embed(images))


def of_points(where: Space, points: np.ndarray) -> np.ndarray:
    """The same of points `[N, F]` of the space."""
    return _nearest(where.bank, points) / where.usual


def reach(points: np.ndarray, pictures: int) -> float:
    """How far apart the two ends of ways are, in the mean, of points `[n * pictures, F]`."""
    ways = points.reshape(-1, pictures, points.shape[1])
    return float(np.linalg.norm(ways[:, -1] - ways[:, 0], axis=1).mean())


def _nearest(bank: np.ndarray, points: np.ndarray) -> np.ndarray:
    return -neighbours.nearest(bank, points, 1, "euclidean").proximity[:, 0]


def pairs(y: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Pairs `[n, 2]` of rows of different classes, each row in as few pairs as possible.

    Rounds of a random matching: every row is used once before any is used again. Raises `Refused` for one class.
    """
    if len(np.unique(y)) < 2:
        raise Refused("all images are of one class: pairs of different classes need two")
    rng, chosen = np.random.default_rng((seed, 23)), []
    while len(chosen) < n:
        order = rng.permutation(len(y))
        matched = order[: len(order) // 2 * 2].reshape(-1, 2)
        chosen.extend(pair for pair in matched.tolist() if y[pair[0]] != y[pair[1]])
    return np.array(chosen[:n])


def mean_interval(values: np.ndarray, ends: np.ndarray) -> tuple[float, float, float]:
    """The mean of a value `[n]` of pairs of images `ends` `[n, 2]`, and its 95% interval.

    Pairs that share an image are not independent: Aronow et al. 2015, doi:10.1093/pan/mpv018, eq. 2.
    """
    n, mean = len(values), float(np.mean(values))
    error = values - mean
    shared = (ends[:, None, :, None] == ends[None, :, None, :]).any((2, 3))
    variance = max(float(error @ shared @ error), float(error @ error)) / n**2
    half = statistics.Z * variance**0.5 * (n / max(n - 1, 1)) ** 0.5
    return mean, mean - half, mean + half


def compared(ours: np.ndarray, others: np.ndarray, ends: np.ndarray) -> dict[str, Any]:
    """One way against another over the same pairs: their straying `[n]`, its difference, where ours is nearer.

    The interval of that share accounts for shared images, too, and is never narrower than Wilson's.
    """
    nearer, low, high = mean_interval((ours < others).astype(float), ends)
    least, most = statistics.interval(nearer, len(ours))
    return {
        "difference": mean_interval(ours - others, ends), "nearer": nearer,
        "nearer_interval": (max(0.0, min(low, least)), min(1.0, max(high, most))),
    }  # fmt: skip


def inner(strays: np.ndarray, pictures: int) -> np.ndarray:
    """The mean straying `[n]` of what lies between the ends, of ways of so many pictures one after the other."""
    return strays.reshape(-1, pictures)[:, 1:-1].mean(1)


def outer(strays: np.ndarray, pictures: int) -> np.ndarray:
    """The mean straying `[n]` of both ends."""
    return strays.reshape(-1, pictures)[:, [0, -1]].mean(1)
