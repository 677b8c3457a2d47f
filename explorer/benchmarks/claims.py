"""What a study claims, as data: which numbers are compared, when the question is asked at all, what was published.

A claim compares numbers of the rows of one seed with each other; `verdicts.py` reads it, and the Studies page draws the
figure that is named here. What a study does not say is taken from its arms.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from explorer.benchmarks.protocol import Arm, Study

NUMBER = "linear_100"  # the linear probe with all labels, as the papers report it
PLAIN = ("mse", "measured.")  # numbers that are no share of images


class Term(NamedTuple):
    """A number of an arm, and how often it counts in a difference."""

    times: float
    arm: str
    number: str


class Learned(NamedTuple):
    """A condition: the training of an arm gained over the same network untrained."""

    arm: str
    number: str = NUMBER


class Surplus(NamedTuple):
    """A condition: the arm saw more images without a label than there are labels."""

    arm: str
    labels: int


Condition = Learned | Surplus


class Claim(NamedTuple):
    """A statement that rows can confirm or refute: the sum of its terms lies above a number."""

    text: str  # at most ten words
    terms: tuple[Term, ...]
    conditions: tuple[Condition, ...] = ()
    above: float = 0.0
    published: str = ""  # the same difference in the papers

    @property
    def share(self) -> bool:
        """Whether its difference is one of accuracies, and so counted in percentage points."""
        return not any(term.number.startswith(PLAIN) for term in self.terms)

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms whose rows are needed."""
        return tuple(dict.fromkeys([term.arm for term in self.terms] + [each.arm for each in self.conditions]))


class Dots(NamedTuple):
    """A figure: a row of dots for each arm, one dot for each seed."""

    numbers: Mapping[str, str] = {NUMBER: ""}  # what is drawn of each arm, and the ending of the row's name
    arms: tuple[str, ...] = ()  # all if none is named
    ranked: bool = False
    ablations: bool = False  # whether what is compared with another arm is that arm without one of its parts


class Differences(NamedTuple):
    """A figure: the difference of each claim, from the largest to the smallest."""


class Point(NamedTuple):
    """A place on a line: where on the axis, and which number of which arm."""

    x: float | str  # a number, or the field of a row that holds it
    arm: str
    number: str = NUMBER


class Lines(NamedTuple):
    """A figure: a number against a hyperparameter, or the labels, with a line for each mechanism."""

    x: str
    lines: Mapping[str, tuple[Point, ...]]
    number: str = NUMBER  # which names the other axis


class Scatter(NamedTuple):
    """A figure: a number of each arm against the number of its parameters."""

    number: str = NUMBER
    x: str = "parameters"


Figure = Dots | Differences | Lines | Scatter


class Published(NamedTuple):
    """Numbers of the papers, on a scale of their own."""

    title: str
    source: str
    values: Mapping[str, float] = {}
    lines: Mapping[str, Mapping[float, float]] = {}
    x: str = ""
    joined: bool = True  # whether the points of a line belong together


class Smaller(NamedTuple):
    """The essential arms as ordinary trainings on a data set that comes along."""

    arms: tuple[str, ...]
    dataset: str = "digits"
    epochs: int = 40
    subset: int = 0
    seeds: int = 3
    number: str = "knn"  # in the place of the linear probe, which an untrained network of small images nearly passes


class Inquiry(NamedTuple):
    """All that the page of a study needs besides its question and its arms."""

    claims: tuple[Claim, ...] | Callable[[list[Arm]], tuple[Claim, ...]]
    figures: tuple[Figure, ...]
    smaller: Smaller
    published: tuple[Published, ...] = ()

    def claimed(self, arms: list[Arm]) -> tuple[Claim, ...]:
        """Its claims, of which some depend on the arms that there are."""
        return self.claims(arms) if callable(self.claims) else self.claims


def better(
    text: str, arm: str, than: str, *, number: str = NUMBER, learned: tuple[str, ...] = (), published: str = ""
) -> Claim:
    """The claim that an arm has more of a number than another; `learned` arms must beat their untrained network."""
    terms = (Term(1.0, arm, number), Term(-1.0, than, number))
    return Claim(text, terms, tuple(Learned(each) for each in learned), 0.0, published)


def against(arms: list[Arm]) -> tuple[Claim, ...]:
    """What a study claims if it says nothing else: each arm is better than the one that it is compared with."""
    pairs = [(arm.label, arm.against) for arm in arms if arm.against]
    return tuple(better(f"{arm} is better than {other}", arm, other, learned=(other,)) for arm, other in pairs)


def default(study: Study) -> Inquiry:
    """The inquiry of a study that declares none."""
    trained = tuple(arm.label for arm in study.arms() if arm.method)[:3]
    dataset = "shapes" if study.colour else "digits"
    return Inquiry(against, (Dots(ranked=study.ranked),), Smaller(trained, dataset))


def by_number(value: Any, number: str) -> Any:
    """A claim or a figure that asks for another number wherever it asks for the linear probe with all labels."""
    if isinstance(value, Mapping):
        return {by_number(name, number): by_number(each, number) for name, each in value.items()}
    if isinstance(value, tuple):
        parts = [by_number(each, number) for each in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return number if value == NUMBER else value
