"""The horizontal gap between two learning curves: how many labels one arm needs for what another has reached."""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

import numpy as np

from explorer.benchmarks.label_efficiency import labels_needed
from explorer.benchmarks.report import grid
from explorer.benchmarks.transfers import rows
from explorer.benchmarks.transfers.rows import Row
from explorer.benchmarks.transfers.study import TransferStudy
from explorer.evaluation.arms import titles
from explorer.evaluation.statistics import Z, mean_interval

RESAMPLED, SEED = 400, 0  # draws of the test images
Rights = Mapping[int, np.ndarray]  # of an arm and a seed: by labels per class which test images are named rightly


class Gap(NamedTuple):
    """Labels per class that one arm needs for the accuracy that the other has at `labels`, with its 95% interval."""

    labels: float
    needed: float  # the geometric mean over the seeds; infinity beyond the curve, 0 below it
    low: float
    high: float
    beyond: int  # seeds in which the curve does not get there
    seeds: int

    def words(self, most: float) -> str:
        """The labels, and how many times as many."""
        if self.beyond == self.seeds:
            return f"more than {most:,.0f} in all {self.seeds} seeds"
        if not math.isfinite(self.needed):
            return f"more than {most:,.0f} in {self.beyond} of {self.seeds} seeds"
        if not self.needed:
            return "fewer than the fewest in some seed"
        times = [value / self.labels for value in (self.needed, self.low, self.high)]
        middle, low, high = (f"{value:.3g}" for value in times)
        return f"{self.needed:,.3g} ({self.low:,.3g} to {self.high:,.3g}): {middle} times ({low} to {high})"


def table(study: TransferStudy, source: str, outcomes: Sequence[Row]) -> str:
    """A line for each amount of labels; empty where an arm is missing."""
    wanted, reached = study.gap or ("", "")
    curves, targets = by_seed(outcomes, wanted), by_seed(outcomes, reached)
    both = curves.keys() & targets.keys()
    points = max((len(curves[seed]) for seed in both), default=0)
    seeds = sorted(seed for seed in both if len(curves[seed]) == points)  # a curve that is half done ends too early
    if points < 2:
        return ""
    amounts = sorted(set.intersection(*(set(targets[seed]) for seed in seeds)))
    most = min(max(curves[seed]) for seed in seeds)
    first, second = (titles()[arm].lower() for arm in (wanted, reached))
    lines = []
    for n in amounts:
        found = measured(n, [curves[seed] for seed in seeds], [targets[seed][n] for seed in seeds])
        accuracy = fmean(float(targets[seed][n].mean()) for seed in seeds)
        lines.append([f"{n:g}", f"{accuracy:.3f}", found.words(most)])
    heads = ["labels per class", f"accuracy, {second}", f"labels per class that {first} needs for it"]
    over = "seeds and test images" if len(seeds) > 1 else "test images alone: how seeds differ is not in them"
    about = f"seeds {', '.join(map(str, seeds))}: the geometric mean, between the amounts along the logarithm"
    return f"The gap in labels ({about}; 95% intervals over {over})\n\n{grid(heads, lines)}"


def by_seed(outcomes: Sequence[Row], arm: str) -> dict[int, dict[float, np.ndarray]]:
    """The curve of an arm with each seed, along the labels per class."""
    found: dict[int, dict[float, np.ndarray]] = {}
    for row in outcomes:
        if row["arm"] == arm:
            found.setdefault(row["seed"], {})[row["n_train"] / row["classes"]] = rows.unpacked(row)
    return found


def measured(n: float, curves: Sequence[Mapping[float, np.ndarray]], targets: Sequence[np.ndarray]) -> Gap:
    """The gap at `n` labels: seeds are paired, and all share their test images.

    The interval adds that over the seeds (Student's t, of the logarithm) and that over the images, which are drawn anew
    with replacement, as independent errors are.
    """
    images = len(targets[0])
    plain = needed(curves, targets, np.ones((images, 1)))[:, 0]
    beyond = int(np.isinf(plain).sum())
    if beyond or not plain.all():
        return Gap(n, math.inf if beyond else 0.0, math.nan, math.nan, beyond, len(curves))
    drawn = np.random.default_rng(SEED).multinomial(images, np.full(images, 1 / images), RESAMPLED).T
    logs = np.log(plain)
    again = needed(curves, targets, drawn)
    inside = np.isfinite(again).all(0) & (again > 0).all(0)
    error = float(np.log(again[:, inside]).mean(0).std()) if inside.any() else math.inf
    low, high = mean_interval(logs.tolist())
    half = math.hypot((high - low) / 2, Z * error)
    middle = float(logs.mean())
    return Gap(n, math.exp(middle), math.exp(middle - half), math.exp(middle + half), 0, len(curves))


def needed(
    curves: Sequence[Mapping[float, np.ndarray]], targets: Sequence[np.ndarray], weights: np.ndarray
) -> np.ndarray:
    """By seed and draw the labels that are needed, `[S, B]`; `weights` say how often each image is drawn, `[N, B]`."""
    total = weights.sum(0)
    found = []
    for curve, target in zip(curves, targets, strict=True):
        accuracies = {n: right @ weights / total for n, right in curve.items()}
        goal = target @ weights / total
        draws = ({n: values[at] for n, values in accuracies.items()} for at in range(len(goal)))
        found.append([labels_needed(curve_of, value) for curve_of, value in zip(draws, goal, strict=True)])
    return np.array(found)
