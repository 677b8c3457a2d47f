"""From how many labels on one arm of a transfer beats another, with its interval; or that none was seen. Torch-free."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from explorer.evaluation.arms import spoken


class Difference(NamedTuple):
    """By how much one arm's accuracy lies above another's at an amount of labels, with its 95% interval."""

    labels: float  # images per class, in the mean over classes
    mean: float
    low: float
    high: float


class Crossover(NamedTuple):
    """From where on the `second` arm beats the `first`: where the mean difference becomes positive and stays so.

    `low` is where the upper end of its interval does, `high` where the lower end does: from there on it is sure. These
    are 95% intervals of each amount alone, not of the crossover. A curve that is positive throughout is so from the
    fewest labels that were asked on, and where it crosses below them is open.
    """

    first: str
    second: str
    differences: tuple[Difference, ...]  # second minus first, by ascending labels
    at: float | None  # labels per class, between the amounts along the logarithm; None: none within what was asked
    low: float | None
    high: float | None  # None: not sure at any amount that was asked

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Crossover":
        """From JSON."""
        return cls(**{**plain, "differences": tuple(Difference(**each) for each in plain["differences"])})

    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return self._asdict() | {"differences": [each._asdict() for each in self.differences]}


def crossover(first: str, second: str, differences: Sequence[Difference]) -> Crossover | None:
    """The crossover along at least two amounts of labels; None where there is no axis to cross on."""
    points = tuple(sorted(differences))
    if len(points) < 2:
        return None
    ends = (_from([(each.labels, value) for each, value in zip(points, values, strict=True)])
            for values in ([p.mean for p in points], [p.high for p in points], [p.low for p in points]))  # fmt: skip
    return Crossover(first, second, points, *ends)


def _from(curve: Sequence[tuple[float, float]]) -> float | None:
    """The labels from which on a curve is positive to its end, between its points along the logarithm; the fewest where
    it is positive throughout.
    """
    if curve[-1][1] <= 0:
        return None
    for (a, low), (b, high) in reversed(list(pairwise(curve))):
        if low <= 0:
            return math.exp(math.log(a) + -low / (high - low) * math.log(b / a))
    return curve[0][0]


def words(found: Crossover, first: str, second: str) -> str:
    """The crossover in a sentence; the arms by their titles."""
    points, first, second = found.differences, spoken(first), spoken(second)
    fewest, most = (f"{each.labels:,.3g}" for each in (points[0], points[-1]))
    asked = f"{fewest} to {most} labels per class"
    if all(each.low > 0 for each in points):
        return f"{second} beats {first} at every amount that was asked ({asked}): a crossover could only lie below"
    if all(each.high < 0 for each in points):
        return f"{first} beats {second} at every amount that was asked ({asked}): there is no crossover within"
    if all(each.low <= 0 <= each.high for each in points):
        return f"no difference between {first} and {second} is seen at any amount that was asked ({asked})"
    if found.at is None:
        return f"no crossover within what was asked ({asked}): {second} is not ahead of {first} at {most}"
    latest = f"more than {most}" if found.high is None else f"{found.high:,.3g}"
    if open_below(found):
        late = latest if found.high is None else f"up to {latest}"
        return (
            f"{second} is ahead of {first} at every amount that was asked ({asked}), so it crosses at {fewest} or "
            f"fewer; by the 95% intervals at each amount it may cross at {late}"
        )
    earliest = f"{fewest} or fewer" if _is_open(found.low, points) else f"{found.low:,.3g}"
    ends = f"({earliest} to {latest} by the 95% intervals at each amount)"
    return f"{second} is ahead of {first} from about {found.at:,.3g} labels per class on {ends}"


def open_below(found: Crossover) -> bool:
    """Whether the second arm is ahead at the fewest labels that were asked: then it may be with fewer, too."""
    return found.at is not None and _is_open(found.at, found.differences)


def _is_open(end: float | None, points: Sequence[Difference]) -> bool:
    """Whether an end lies at the fewest labels that were asked, and so perhaps below them."""
    return end is None or end <= points[0].labels
