"""The rules that turn measured numbers into one of a question's answers; a reveal names one of them."""

from abc import ABC, abstractmethod
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field

from explorer.errors import Refused
from explorer.evaluation import statistics
from explorer.lessons.sources import Measured, Source

Text = Annotated[str, Field(min_length=1, max_length=60)]


class Outcome(NamedTuple):
    """What was measured, and which answer it gives."""

    answer: str
    reason: str  # how the numbers lead to it, as half a sentence
    measured: tuple[Measured, ...]
    number: str


class Rule(BaseModel, ABC, frozen=True, extra="forbid"):
    """A rule: which numbers it reads, which answers it can give, and how it decides."""

    better: Literal["higher", "lower"] = "higher"
    at_least: float = Field(0.0, ge=0)  # a smaller difference is no difference

    @abstractmethod
    def sources(self) -> list[Source]:
        """The numbers that it reads."""

    @abstractmethod
    def answers(self) -> list[str]:
        """All answers that it can give."""

    @abstractmethod
    def decide(self, numbers: list[Measured]) -> tuple[str, str]:
        """The answer, and why."""

    def outcome(self, numbers: list[Measured]) -> Outcome:
        """The answer of these numbers, in the order of `sources`; raises `Refused` where they cannot be compared."""
        if len({each.protocol for each in numbers if each.protocol}) > 1:
            raise Refused("these arms were not measured on one protocol, so they cannot be compared: choose others")
        answer, reason = self.decide(numbers)
        return Outcome(answer, reason, tuple(numbers), self.sources()[0].number)

    def _gap(self, a: Measured, b: Measured) -> "Gap":
        gap = gap_of(a, b)
        return gap if self.better == "higher" else Gap(-gap.mean, -gap.high, -gap.low)

    def _because(self, a: Measured, b: Measured) -> str:
        """Why a is better than b."""
        sure = "in every seed" if a.seeded or b.seeded else "by more than the sampling error" if a.n or b.n else ""
        sure = sure or (f"by more than {self.at_least:g}" if self.at_least else "")
        return f"{a.label} is {self.better} than {b.label} {sure}".rstrip()

    def _ahead(self, a: Measured, b: Measured) -> bool:
        """Whether a is better than b by more than the interval, and by enough."""
        gap = self._gap(a, b)
        return gap.low > 0 and gap.mean > self.at_least

    def _undecided(self, a: Measured, b: Measured) -> str:
        """Why neither is better: which of the two conditions is not met."""
        gap, both = self._gap(a, b), f"{a.label} and {b.label}"
        if gap.low == gap.high == 0:
            return f"{both} are equal"
        if gap.low <= 0 <= gap.high:
            seeds = f"neither {a.label} nor {b.label} is {self.better} in every seed"
            return seeds if a.seeded or b.seeded else f"{both} differ by less than the sampling error"
        return f"{both} differ by no more than {self.at_least:g}, which counts as no difference"


class Gap(NamedTuple):
    """How much more one number is than another."""

    mean: float
    low: float
    high: float


def gap_of(a: Measured, b: Measured) -> Gap:
    """a less b: seed by seed, lowest to highest; of shares of images, with the sampling error of the difference."""
    if a.seeded or b.seeded:
        pairs = _paired(a, b)
        return Gap(sum(pairs) / len(pairs), min(pairs), max(pairs))
    gap = a.mean - b.mean
    error = sum(statistics.margin(each.mean, each.n) ** 2 for each in (a, b) if each.n) ** 0.5
    return Gap(gap, gap - error, gap + error)


def _paired(a: Measured, b: Measured) -> list[float]:
    """The differences of the seeds that both have; what has no seeds stands beside each of the other's."""
    if a.seeded and b.seeded:
        both = sorted(a.values.keys() & b.values.keys())
        if len(both) < 2:
            raise Refused(f"'{a.label}' and '{b.label}' have not two seeds in common: compare others")
        return [a.values[seed] - b.values[seed] for seed in both]
    if a.seeded:
        return [value - b.mean for value in a.values.values()]
    return [a.mean - value for value in b.values.values()]


class CompareAnswers(BaseModel, frozen=True, extra="forbid"):
    """The answer for each outcome of a comparison."""

    first: Text
    second: Text
    neither: Text


class Compare(Rule):
    """Two numbers: the better one, or neither where they differ by less than the interval."""

    rule: Literal["compare"]
    first: Source
    second: Source
    answers_: CompareAnswers = Field(alias="answers")

    def sources(self) -> list[Source]:
        """Both."""
        return [self.first, self.second]

    def answers(self) -> list[str]:
        """The answers for first, second and neither."""
        return list(self.answers_.model_dump().values())

    def decide(self, numbers: list[Measured]) -> tuple[str, str]:
        """First, second, or neither."""
        a, b = numbers
        said = self.answers_
        if self._ahead(a, b):
            return said.first, self._because(a, b)
        if self._ahead(b, a):
            return said.second, self._because(b, a)
        return said.neither, self._undecided(a, b)


class Best(Rule):
    """Several numbers, each with its answer: the best one, or neither where no one is ahead of all others."""

    rule: Literal["best"]
    of: Annotated[dict[Text, Source], Field(min_length=2, max_length=5)]
    neither: Text

    def sources(self) -> list[Source]:
        """All."""
        return list(self.of.values())

    def answers(self) -> list[str]:
        """The answers of all, and that for none."""
        return [*self.of, self.neither]

    def decide(self, numbers: list[Measured]) -> tuple[str, str]:
        """The answer of the one that is ahead of each other."""
        sign = 1 if self.better == "higher" else -1
        ranked = sorted(zip(self.of, numbers, strict=True), key=lambda pair: -sign * pair[1].mean)
        (answer, first), *others = ranked
        rival = next((other for _, other in others if not self._ahead(first, other)), None)
        if rival:
            return self.neither, self._undecided(first, rival)
        return answer, f"{self._because(first, others[0][1])}, and that one is next"


class Threshold(Rule):
    """One number against a limit: above, below, or neither where the interval holds the limit."""

    rule: Literal["threshold"]
    value: Source
    limit: float
    above: Text
    below: Text
    neither: Text

    def sources(self) -> list[Source]:
        """The one."""
        return [self.value]

    def answers(self) -> list[str]:
        """Above, below, neither."""
        return [self.above, self.below, self.neither]

    def decide(self, numbers: list[Measured]) -> tuple[str, str]:
        """On which side of the limit the whole interval lies."""
        (value,) = numbers
        low, high = value.interval
        if low > self.limit + self.at_least:
            return self.above, f"{value.label} lies above {self.limit:g}"
        if high < self.limit - self.at_least:
            return self.below, f"{value.label} lies below {self.limit:g}"
        if low <= self.limit <= high:
            what = f"the interval of {value.label} holds" if low < high else f"{value.label} is exactly"
            return self.neither, f"{what} {self.limit:g}"
        near = f"{self.at_least:g} or less from {self.limit:g}, which counts as no difference"
        return self.neither, f"{value.label}, or a part of its interval, lies {near}"


Reveal = Annotated[Compare | Best | Threshold, Field(discriminator="rule")]
