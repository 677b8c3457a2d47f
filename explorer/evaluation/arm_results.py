"""What the trainings of a transfer say together: accuracies with intervals, differences between arms. Torch-free."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np

from explorer.evaluation import statistics
from explorer.evaluation.crossover import Crossover, Difference, crossover

Outcome = Mapping[str, Any]  # of a training: arm, labels, seed, n_train, trainable, test_accuracy …
BASE = "frozen"  # what other arms have to beat


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
    over: str  # what the interval is over: seeds, or the test images where there is one seed


class Comparison(NamedTuple):
    """Two arms at one amount of labels: the paired difference of their accuracies, with its 95% interval."""

    first: str
    second: str
    labels: str
    n_train: float
    difference: float  # first minus second
    low: float
    high: float
    over: str  # what is paired: seeds, or test images
    better: str | None  # the arm that is better; None: no difference


def table(outcomes: Sequence[Outcome], n_test: int) -> list[Accuracy]:
    """A row for each arm and amount of labels, in the order of the trainings."""
    rows = []
    for (arm, labels), of in grouped(outcomes, "arm", "labels").items():
        values = [each["test_accuracy"] for each in of]
        over = "seeds" if len(values) > 1 else "images"
        low, high = statistics.mean_interval(values) if len(values) > 1 else statistics.interval(values[0], n_test)
        n = fmean(each["n_train"] for each in of)
        trainable = max(each["trainable"] for each in of)
        rows.append(Accuracy(arm, labels, n, trainable, fmean(values), max(0.0, low), min(1.0, high), values, over))
    return rows


def comparisons(outcomes: Sequence[Outcome], right: Mapping[tuple[str, str, int], np.ndarray]) -> list[Comparison]:
    """Each pair of arms at each amount of labels; `right` says of each training which test images it names rightly.

    Seeds are paired: both arms of a seed have the same labels. With one seed the test images are.
    """
    found = []
    for (labels,), of in grouped(outcomes, "labels").items():
        by_arm = {arm: {each["seed"]: each for each in own} for (arm,), own in grouped(of, "arm").items()}
        n = fmean(each["n_train"] for each in of)
        for first, second in combinations(by_arm, 2):
            seeds = sorted(by_arm[first].keys() & by_arm[second].keys())
            if not seeds:
                continue
            pairs = [(by_arm[first][seed]["test_accuracy"], by_arm[second][seed]["test_accuracy"]) for seed in seeds]
            difference = fmean(a - b for a, b in pairs)
            if len(pairs) > 1:
                low, high = statistics.mean_interval([a - b for a, b in pairs])
            else:
                low, high = paired_interval(*(right[arm, labels, seeds[0]] for arm in (first, second)))
            enough = len(right[first, labels, seeds[0]]) >= statistics.FEW
            better = first if enough and low > 0 else second if enough and high < 0 else None
            over = "seeds" if len(pairs) > 1 else "images"
            found.append(Comparison(first, second, labels, n, difference, low, high, over, better))
    return found


def paired_interval(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """The 95% interval of the difference of two accuracies on the same images, from what each names rightly `[N]`.

    Normal approximation of the mean of the paired differences; where no image differs it has the width of one image.
    """
    d = first.astype(float) - second.astype(float)
    half = statistics.Z * max(d.std(ddof=1) / math.sqrt(len(d)), 1 / len(d) / statistics.Z) if len(d) > 1 else 1.0
    return float(d.mean() - half), float(d.mean() + half)


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
