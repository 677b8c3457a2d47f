"""The figures of studies: what an inquiry names, drawn from rows, with the visitor's own runs as rings."""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from explorer import descriptions
from explorer.benchmarks import Arm, Study, suite_claims, verdicts
from explorer.benchmarks.claims import NUMBER, PLAIN, Claim, Differences, Dots, Figure, Lines, Point, Scatter, by_number
from explorer.benchmarks.report import Group
from explorer.evaluation import statistics
from explorer.lessons import sources
from pages.ui.kit import dots, figures, messages, series

ROLES = ("untrained", "PCA", "pixels")  # of the levels
NAMES = {"pixels": "raw pixels"}  # of a role, where it has another one
REACH = 1.5  # times the span of the values: a level that is further away is left off the scale
LEAST = 0.05  # of accuracy: a scale is at least so wide before a level is left off it
DENSE, LINE = 12, 27  # rows from which on they stand closer together; the pixels of such a row
REFERENCE = "references"  # the family of what is not trained
TITLES = {"accuracy": "accuracy on test images", "z_linear_100": "linear probe on z"}
ENOUGH = 3  # seeds from which on an interval is drawn: that of two is wider than any scale
FEW_SEEDS = "Each dot is one seed; from 3 on, a line shows the 95% confidence interval of their mean."


class Drawing(NamedTuple):
    """A figure, what it says, and how it is read."""

    figure: figures.go.Figure
    title: str
    alt: str
    caption: str


class Levels(NamedTuple):
    """The levels that a scale holds, and those that would squeeze all else on it, in words."""

    near: dict[str, float]
    far: str


class Measured(NamedTuple):
    """The rows of the study and those of the visitor, either of which may be missing; the levels beside them."""

    study: Study
    group: Group | None
    own: Group | None = None
    levels: Mapping[str, float] = {}
    number: str = NUMBER  # in the place of the linear probe

    def of(self, number: str, values: Sequence[float]) -> Levels:
        """The levels of a number, by their roles; one that lies far from all values is told in words."""
        known = {role: self.levels[f"{role} {number}"] for role in ROLES if f"{role} {number}" in self.levels}
        low, high = min(values), max(values)
        reach = REACH * max(high - low, LEAST)
        near = {role: level for role, level in known.items() if low - reach <= level <= high + reach}
        far = [
            f"{NAMES.get(role, role)} {messages.percent(level)}" for role, level in known.items() if role not in near
        ]
        return Levels(near, f" Off this scale: {', '.join(far)}." if far else "")

    @property
    def arms(self) -> list[Arm]:
        """The arms that have rows, in the order of the study."""
        there = {*(self.group.rows if self.group else ()), *(self.own.rows if self.own else ())}
        return [arm for arm in self.study.arms() if arm.label in there]


def show(measured: Measured, key: str) -> None:
    """All figures of a study; where nothing is there yet, a place that says so."""
    for i, wanted in enumerate(suite_claims.of(measured.study).figures):
        with messages.guard():
            drawing = draw(wanted, measured)
            if drawing:
                put(drawing, f"{key}-{i}")
            elif not i:
                figures.show(figures.waiting("No rows yet", 220), f"{key}-none", "No rows yet", tools=False)


def put(drawing: Drawing, key: str) -> None:
    """A figure with its title and its caption."""
    figures.show(drawing.figure, key, drawing.alt, title=drawing.title)
    messages.caption(drawing.caption)


def draw(wanted: Figure, measured: Measured) -> Drawing | None:
    """A figure of the kind that is wanted; None where no row has what it shows."""
    return DRAWN[type(wanted)](by_number(wanted, measured.number), measured)


def numbers(wanted: Figure) -> list[str]:
    """The numbers that a figure shows."""
    if isinstance(wanted, Dots):
        return list(wanted.numbers)
    if isinstance(wanted, Lines):
        return list(dict.fromkeys(point.number for of in wanted.lines.values() for point in of))
    return [NUMBER]


def heading(number: str) -> str:
    """A number's name, and which values are better."""
    name = TITLES.get(number) or sources.title(number)
    better = "lower" if number.startswith(PLAIN[0]) else "higher"
    first = name if name.startswith("kNN") else f"{name[:1].upper()}{name[1:]}"
    return f"{first} ({better} is better)"


def interval(values: Sequence[float], share: bool = False) -> tuple[float, float]:
    """The interval of the mean as it is drawn: none of few seeds, and of shares inside 0 and 1."""
    if len(values) < ENOUGH:
        return fmean(values), fmean(values)
    low, high = statistics.mean_interval(values)
    return (max(low, 0.0), min(high, 1.0)) if share else (low, high)


def caption(group: Group | None, own: Group | None) -> str:
    """How the marks are read."""
    several = any(len(seeds) >= ENOUGH for each in (group, own) if each for seeds in each.rows.values())
    words = "Each dot is one seed, the line is the 95% confidence interval of the mean." if several else FEW_SEEDS
    return f"{words} Rings: your runs." if own else words


# --------------------------------------------------------------------------------------------------------- dots


def _dots(wanted: Dots, measured: Measured) -> Drawing | None:
    first = next(iter(wanted.numbers))
    as_levels = LEVEL_ARMS if any(key.endswith(f" {first}") for key in measured.levels) else ()
    arms = [arm for arm in measured.arms if arm.reference not in as_levels]
    arms = [arm for arm in arms if not wanted.arms or arm.label in wanted.arms]
    rows = [row for arm in arms for row in _rows(arm, wanted, measured)]
    if not rows:
        return None
    if wanted.ranked:
        rows.sort(key=lambda row: -fmean(row.values or row.hollow))
    levels = measured.of(first, [value for row in rows for value in (*row.values, *row.hollow)])
    share, line = not first.startswith(PLAIN), LINE if len(rows) > DENSE else dots.LINE
    figure = dots.intervals(rows, share, levels=levels.near, line=line)
    title = heading(first)
    alt = f"{title} of {', '.join(row.label for row in rows)}"
    return Drawing(figure, title, alt, caption(measured.group, measured.own) + levels.far)


LEVEL_ARMS = ("pixels", "pca:32", "untrained")  # references that are drawn as levels


def _rows(arm: Arm, wanted: Dots, measured: Measured) -> list[dots.Row]:
    """A row for each number of an arm that somebody has measured."""
    made = []
    for i, (number, ending) in enumerate(wanted.numbers.items()):
        values = _values(measured.group, arm, number)
        rings = list(_values(measured.own, arm, number).values())
        if not values and not rings:
            continue
        low, high = interval(list(values.values()) or rings, not number.startswith(PLAIN))
        names = [f"{arm.words}, seed {seed}" for seed in values]
        colour = {"colour": i} if len(wanted.numbers) > 1 else {"role": _role(arm, wanted)}
        label = f"{arm.words}, {ending}" if ending else arm.words
        made.append(dots.Row(label, list(values.values()), low, high, names, hollow=rings, **colour))
    return made


def _role(arm: Arm, wanted: Dots) -> str:
    """What an arm is, which decides its colour."""
    if arm.reference in ("untrained", "settled"):
        return "untrained"
    if arm.reference:
        return "pixels"
    if not wanted.ablations:
        return "model"
    return "ablation" if arm.against else "control run"


def _values(group: Group | None, arm: Arm, number: str) -> dict[int, float]:
    return verdicts.seeds(group, arm.label, number) if group else {}


# -------------------------------------------------------------------------------------------------- differences


def _differences(wanted: Differences, measured: Measured) -> Drawing | None:
    asked = suite_claims.of(measured.study).claimed(measured.study.arms())
    claims = [by_number(claim, measured.number) for claim in asked]
    rows = [row for claim in claims if (row := _difference(claim, measured))]
    if not rows:
        return None
    rows.sort(key=lambda row: -fmean(row.values or row.hollow))
    figure = dots.intervals(rows, percent=False, limit=0.0, line=LINE if len(rows) > DENSE else dots.LINE)
    name = TITLES.get(measured.number) or sources.title(measured.number)
    title = f"What a method loses with it, in percentage points ({name}; 0 = nothing)"
    words = "Blue-green: the claim holds; vermilion: refuted; grey: no difference, undecided, or not answered."
    alt = f"{title}: {', '.join(row.label for row in rows)}"
    return Drawing(figure, title, alt, f"{caption(measured.group, measured.own)} {words}")


STATES = {"holds": "control run", "refuted": "ablation"}  # the roles whose colours the verdicts have


def _difference(claim: Claim, measured: Measured) -> dots.Row | None:
    """The difference of a claim in percentage points, coloured by its verdict; None where nobody has measured it."""
    known, rings = (_points(claim, group) for group in (measured.group, measured.own))
    if not known and not rings:
        return None
    low, high = interval(known or rings)
    state = verdicts.verdict(claim, measured.group or measured.own).state
    return dots.Row(Arm(claim.terms[-1].arm).words, known, low, high, hollow=rings, role=STATES.get(state, "untrained"))


def _points(claim: Claim, group: Group | None) -> list[float]:
    return [100 * each for each in verdicts.paired(claim, group)] if group else []


# -------------------------------------------------------------------------------------------------------- lines


def _lines(wanted: Lines, measured: Measured) -> Drawing | None:
    drawn = []
    for place, (name, points) in enumerate(wanted.lines.items()):
        for group, hollow in ((measured.group, False), (measured.own, True)):
            if group and (line := _line(name, points, group, hollow, place)):
                drawn.append(line)
    if not drawn:
        return None
    levels = measured.of(wanted.number, [y for each in drawn for y in each.y])
    figure = series.lines(drawn, wanted.x, levels=levels.near)
    title = heading(wanted.number)
    alt = f"{title} against {wanted.x}: {', '.join(each.name for each in drawn)}"
    words = caption(measured.group, measured.own).replace(*OF_LINES) + levels.far
    return Drawing(figure, f"{title}, against {wanted.x}", alt, words)


OF_LINES = ("Each dot is one seed, the line", "Each mark is a mean over seeds, its bar")


def _line(name: str, points: Sequence[Point], group: Group, hollow: bool, place: int) -> series.Series | None:
    """A line through the means of the arms that have rows."""
    known = []
    for point in points:
        values = list(_values(group, Arm(point.arm), point.number).values())
        x = _place(point, group)
        if values and x:
            known.append((x, fmean(values), fmean(values) - interval(values)[0]))
    if not known:
        return None
    x, y, half = zip(*sorted(known), strict=True)
    return series.Series(name, x, y, half, hollow, place)


def _place(point: Point, group: Group) -> float:
    """Where a point lies on the axis; 0 where its rows do not say."""
    if not isinstance(point.x, str):
        return point.x
    return fmean(list(_values(group, Arm(point.arm), point.x).values()) or [0.0])


# ------------------------------------------------------------------------------------------------------ scatter


def _scatter(wanted: Scatter, measured: Measured) -> Drawing | None:
    if measured.group is None:
        return None
    families: dict[str, list[tuple[float, float, float, str]]] = {}
    for arm in measured.arms:
        x = list(_values(measured.group, arm, wanted.x).values())
        y = list(_values(measured.group, arm, wanted.number).values())
        if arm.method and x and y and max(x) > 0:
            half = fmean(y) - interval(y)[0]
            families.setdefault(_family(arm), []).append((fmean(x), fmean(y), half, arm.words))
    if not families:
        return None
    drawn = []
    for name, of in sorted(families.items()):
        x, y, half, labels = zip(*of, strict=True)
        drawn.append(series.Series(name, x, y, half, labels=labels))
    levels = measured.of(wanted.number, [y for each in drawn for y in each.y])
    figure = series.points(drawn, "parameters that are learned", levels=levels.near)
    title = f"{heading(wanted.number)}, against parameters"
    return Drawing(figure, title, f"{title}, by family: {', '.join(families)}", OF_SCATTER + levels.far)


OF_SCATTER = (
    "Each mark is a method, its bar the 95% confidence interval of the mean; hover a mark for its name. Methods "
    "without learned weights are left out."
)


def _family(arm: Arm) -> str:
    known = descriptions.read().methods.get(arm.method)
    return str(known.info["family"]) if known else REFERENCE


DRAWN: dict[type, Callable[[Any, Measured], Drawing | None]] = {
    Dots: _dots,
    Differences: _differences,
    Lines: _lines,
    Scatter: _scatter,
}
