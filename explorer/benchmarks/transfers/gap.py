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
from explorer.evaluation.statistics import mean_interval

RESAMPLED, SEED = 1000, 0  # draws of the test images
TAIL = 0.025  # of the draws, on either side of a 95% interval
Rights = Mapping[int, np.ndarray]  # of an arm and a seed: by labels per class which test images are named rightly


class Gap(NamedTuple):
    """Labels per class that one arm needs for the accuracy that the other has at `labels`, with its 95% interval."""

    labels: float
    needed: float  # the geometric mean over the seeds; infinity beyond the curve, 0 below it
    low: float  # 0 where that end is open: below the curve
    high: float  # infinity where that end is open: beyond the curve
    beyond: int  # seeds in which the curve does not get there
    seeds: int

    def words(self, fewest: float, most: float) -> str:
        """The labels, and how many times as many; an end that lies off a curve of `fewest` to `most` labels is open."""
        if self.beyond == self.seeds:
            return f"more than {most:,.0f} in all {self.seeds} seeds"
        if not math.isfinite(self.needed):
            return f"more than {most:,.0f} in {self.beyond} of {self.seeds} seeds"
        if not self.needed:
            return "fewer than the fewest in some seed"
        counts = self._spelled(fewest, most, 1.0)
        return f"{counts}: {self._spelled(fewest, most, self.labels).replace(' (', ' times (', 1)}"

    def _spelled(self, fewest: float, most: float, unit: float) -> str:
        low = f"{self.low / unit:,.3g}" if self.low >= fewest else f"fewer than {fewest / unit:,.3g}"
        high = f"{self.high / unit:,.3g}" if self.high <= most else f"more than {most / unit:,.3g}"
        return f"{self.needed / unit:,.3g} ({low} to {high})"


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
    fewest, most = max(min(curves[seed]) for seed in seeds), min(max(curves[seed]) for seed in seeds)
    first, second = (titles()[arm].lower() for arm in (wanted, reached))
    lines = []
    for n in amounts:
        found = measured(n, [curves[seed] for seed in seeds], [targets[seed][n] for seed in seeds])
        accuracy = fmean(float(targets[seed][n].mean()) for seed in seeds)
        lines.append([f"{n:g}", f"{accuracy:.3f}", found.words(fewest, most)])
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
    with replacement, as independent errors are. Draws that fall off the curve count: where more than 2.5 % of them
    leave it on one side, nothing bounds the interval there, and that end is open.
    """
    images = len(targets[0])
    plain = needed(curves, targets, np.ones((images, 1)))[:, 0]
    beyond = int(np.isinf(plain).sum())
    if beyond or not plain.all():
        return Gap(n, math.inf if beyond else 0.0, math.nan, math.nan, beyond, len(curves))
    logs = np.log(plain)
    middle = float(logs.mean())
    half = middle - mean_interval(logs.tolist())[0]
    drawn = np.random.default_rng(SEED).multinomial(images, np.full(images, 1 / images), RESAMPLED).T
    low, high = ends(needed(curves, targets, drawn))
    low, high = middle - math.hypot(half, max(0.0, middle - low)), middle + math.hypot(half, max(0.0, high - middle))
    return Gap(n, math.exp(middle), math.exp(low), math.exp(high), 0, len(curves))


def ends(again: np.ndarray) -> tuple[float, float]:
    """Between which logarithms 95% of the draws `[S, B]` of the geometric mean lie; infinite where an end is open."""
    above, below = np.isinf(again).any(0), (again == 0).any(0)
    inside = np.log(np.where(np.isfinite(again) & (again > 0), again, 1.0)).mean(0)
    low = np.quantile(np.where(below, -np.inf, np.where(above, np.inf, inside)), TAIL, method="lower")
    high = np.quantile(np.where(above, np.inf, np.where(below, -np.inf, inside)), 1 - TAIL, method="higher")
    return float(low), float(high)


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
