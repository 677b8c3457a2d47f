"""Does the middle between two codes mean something, seen from a space that no model here has learned?"""

import numpy as np

from explorer.errors import Refused
from explorer.evaluation.desiderata.registry import Found, Number, Subject, desideratum
from explorer.evaluation.neighbours import nearest

PAIRS, BANK = 200, 2000  # pairs of images; training images that may lie between them
ROUNDING = 1e-6  # of the largest number of the independent space: what is nearer is a copy
COPIES = "most of these images are copies of training images, so there is no usual distance off the data"


@desideratum(
    "Linear interpolation", order=4, source="Bengio et al. 2013, arXiv:1207.4404; the independent space is "
    "an untrained conv encoder of another seed",
    numbers={
        "detour": Number("detour over the middle", "the way from one image to another over the training image whose "
                         "code is nearest to the middle of theirs, over the direct way, in the independent space: 1 = "
                         "it lies between them; median of 200 pairs", "lower"),
        "detour_chance": Number("detour by chance", "the same over any training image", ""),
        "off_data": Number("decoded middle, off the data", "distance of the decoded middle from the nearest training "
                           "image in the independent space; 1 = that of an image which is not in training", "lower"),
        "off_ends": Number("decoded ends, off the data", "the same of the reconstructions of both images", "lower"),
        "off_blend": Number("blended pixels, off the data", "the same of the mean of both images", ""),
    },
)  # fmt: skip
def interpolation(subject: Subject) -> Found:
    """Does the middle between two codes mean something?"""
    if subject.space is None or subject.images is None or subject.bank_images is None:
        raise Refused("there is no independent space to look from: it takes images")
    some = np.unique(np.linspace(0, len(subject.bank.y) - 1, BANK).astype(int))
    codes, z = np.asarray(subject.bank.z, np.float64)[some], np.asarray(subject.queries.z, np.float64)
    if np.ptp(codes, axis=0).max(initial=0) <= 1e-12 * max(1e-30, np.abs(codes).max(initial=0)):
        raise Refused("all codes are the same, so nothing lies between them: the representation has collapsed")
    there, ends = subject.space(subject.bank_images[some]), subject.space(subject.images)
    rng = np.random.default_rng((subject.seed, 17))
    a, b = np.stack([rng.choice(len(z), 2, replace=False) for _ in range(PAIRS)]).T
    middle = (z[a] + z[b]) / 2
    between = nearest(codes, middle, 1, "euclidean").index[:, 0]
    numbers = {
        "detour": detour(ends[a], ends[b], there[between]),
        "detour_chance": detour(ends[a], ends[b], there[rng.integers(0, len(some), PAIRS)]),
    }
    usual = _off(there, ends)
    if usual <= ROUNDING * np.abs(there).max(initial=0):
        return Found(numbers, left_out=COPIES)
    blend = (subject.images[a].astype(np.float32) + subject.images[b]) / 2
    numbers["off_blend"] = _off(there, subject.space(blend.round().astype(np.uint8))) / usual
    if subject.decode:
        numbers["off_data"] = _off(there, subject.space(subject.decode(middle.astype(np.float32)))) / usual
        numbers["off_ends"] = _off(there, subject.space(subject.decode(z[a].astype(np.float32)))) / usual
    return Found(numbers)


def detour(a: np.ndarray, b: np.ndarray, over: np.ndarray) -> float:
    """The median way from `a` to `b` over a third point, over the direct way, of points `[P, D]`; at least 1."""
    direct = np.linalg.norm(a - b, axis=1)
    way = np.linalg.norm(a - over, axis=1) + np.linalg.norm(over - b, axis=1)
    apart = direct > 1e-12
    return float(np.median(way[apart] / direct[apart])) if apart.any() else 1.0


def _off(there: np.ndarray, points: np.ndarray) -> float:
    """The median distance of points to the nearest of the data."""
    return float(np.median(-nearest(there, points, 1, "euclidean").proximity))
