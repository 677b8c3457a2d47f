"""What the trainings of a transfer say together: accuracies with intervals, differences between arms. Torch-free."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from explorer.evaluation import statistics
from explorer.evaluation.crossover import Crossover, Difference, crossover
from explorer.evaluation.paired import holm, paired

Outcome = Mapping[str, Any]  # of a training: arm, labels, seed, n_train, trainable, test_accuracy …
BASE = "frozen"  # what other arms have to beat
SURE = 0.05  # a smaller p, corrected, is a difference


class Accuracy(NamedTuple):
    """An arm at one amount of labels: the mean over the seeds, with its 95% interval."""

    arm: str
    labels: str  # as it was asked for
    n_train: float  # labelled images, in the mean over the seeds
    trainable: int
    mean: float
    low: float
    high: float
    accuracies: list[float]  # by seed
    over: str  # what the interval is over: seeds and with them the test images, or images where there is one seed


class Comparison(NamedTuple):
    """Two arms at one amount of labels: the paired difference of their accuracies, with its 95% interval."""

    first: str
    second: str
    labels: str
    n_train: float
    difference: float  # first minus second
    low: float
    high: float
    over: str  # what the interval is over: seeds and with them the test images, or images where there is one seed
    better: str | None  # the arm that is better, by p; None: no difference
    p: float  # of no difference, corrected for all pairs of arms at this amount


def table(outcomes: Sequence[Outcome], n_test: int) -> list[Accuracy]:
    """A row for each arm and amount of labels, in the order of the trainings."""
    rows = []
    for (arm, labels), of in grouped(outcomes, "arm", "labels").items():
        values = [each["test_accuracy"] for each in of]
        over = "seeds" if len(values) > 1 else "images"
        low, high = interval(values, n_test)
        n = fmean(each["n_train"] for each in of)
        trainable = max(each["trainable"] for each in of)
        rows.append(Accuracy(arm, labels, n, trainable, fmean(values), low, high, values, over))
    return rows


def largest(rows: Sequence[Accuracy]) -> str:
    """The amount with the most labelled images: amounts are asked for in any order. Of equal ones the last."""
    return max(reversed(rows), key=lambda row: row.n_train).labels


def interval(accuracies: Sequence[float], n_test: int) -> tuple[float, float]:
    """The 95% interval of the mean accuracy of seeds that share their test images: over both draws.

    The sides of Student's t over the seeds and of Wilson's interval over the images are added as independent errors.
    """
    mean = fmean(accuracies)
    low, high = statistics.interval(mean, n_test)
    half = mean - statistics.mean_interval(accuracies)[0]
    return max(0.0, mean - math.hypot(half, mean - low)), min(1.0, mean + math.hypot(half, high - mean))


def comparisons(
    outcomes: Sequence[Outcome], right: Mapping[tuple[str, str, int], np.ndarray], against: str | None = None
) -> list[Comparison]:
    """Each pair of arms at each amount of labels; `right` says of each training which test images it names rightly.

    With `against` each other arm is compared with that one alone, which comes second. Seeds are paired, both arms of a
    seed have the same labels; so are the test images. The p of all pairs of an amount are corrected together, by Holm.
    """
    found = []
    for (labels,), of in grouped(outcomes, "labels").items():
        by_arm = {arm: {each["seed"] for each in own} for (arm,), own in grouped(of, "arm").items()}
        others = [(arm, against) for arm in by_arm if arm != against and against in by_arm]
        pairs = {}
        for first, second in others if against else combinations(by_arm, 2):
            if seeds := sorted(by_arm[first] & by_arm[second]):
                both = (np.stack([right[arm, labels, seed] for seed in seeds]) for arm in (first, second))
                pairs[first, second] = paired(*both), "seeds" if len(seeds) > 1 else "images"
        enough = len(right[of[0]["arm"], labels, of[0]["seed"]]) >= statistics.FEW
        n, corrected = fmean(each["n_train"] for each in of), holm([each.p for each, _ in pairs.values()])
        for ((first, second), (each, over)), p in zip(pairs.items(), corrected, strict=True):
            better = (first if each.difference > 0 else second) if enough and p <= SURE else None
            found.append(Comparison(first, second, labels, n, each.difference, each.low, each.high, over, better, p))
    return found


def crossovers(found: Iterable[Comparison], classes: int) -> list[Crossover]:
    """Along the labels, from where on each other arm beats the frozen encoder; none where one amount was asked."""
    by_arm: dict[str, list[Difference]] = {}
    for each in found:
        if BASE not in (each.first, each.second):
            continue
        arm, sign = (each.second, -1) if each.first == BASE else (each.first, 1)
        low, high = sorted((sign * each.low, sign * each.high))
        by_arm.setdefault(arm, []).append(Difference(each.n_train / classes, sign * each.difference, low, high))
    crossed = (crossover(BASE, arm, differences) for arm, differences in by_arm.items())
    return [each for each in crossed if each]


def grouped(outcomes: Sequence[Outcome], *by: str) -> dict[tuple[Any, ...], list[Outcome]]:
    """The outcomes that have these fields in common, in their order."""
    groups: dict[tuple[Any, ...], list[Outcome]] = {}
    for each in outcomes:
        groups.setdefault(tuple(each[name] for name in by), []).append(each)
    return groups
