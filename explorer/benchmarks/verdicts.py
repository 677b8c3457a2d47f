"""What the rows of a study say about its claims: holds, refuted, no difference, undecided, or not answered, and why."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isfinite, nan
from pathlib import Path
from statistics import fmean
from typing import Any, Literal, NamedTuple

from explorer.benchmarks import report, results, suite_claims
from explorer.benchmarks.claims import NUMBER, Claim, Learned, Surplus, by_number
from explorer.benchmarks.protocol import UNTRAINED, Arm, Protocol, Study
from explorer.benchmarks.report import Group
from explorer.benchmarks.results import Row
from explorer.benchmarks.suite import STUDIES
from explorer.evaluation import statistics
from explorer.evaluation.probes import PROBES

State = Literal["holds", "refuted", "no difference", "undecided", "not answered", "no rows"]
ANSWERS: tuple[State, ...] = ("holds", "refuted", "no difference")
GAIN = 0.01  # a training that gains less over its untrained network has not learned enough to ask it anything
ALIKE = 0.01  # a difference of accuracies that is surely smaller is none; an interval that is wider decides nothing


class Verdict(NamedTuple):
    """What is known of a claim: the mean difference over seeds with its 95% interval, or why there is none."""

    claim: Claim
    state: State
    reason: str = ""  # why it is not answered, as a part of a sentence
    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0
    n: int = 0  # seeds

    @property
    def answered(self) -> bool:
        """Whether it is a result."""
        return self.state in ANSWERS

    @property
    def measured(self) -> bool:
        """Whether there is an interval, even one that decides nothing."""
        return self.answered or self.state == "undecided"


class Findings(NamedTuple):
    """All that is known of a study on one data set."""

    group: Group | None  # the rows that are shown: those of the protocol that has most of them
    verdicts: tuple[Verdict, ...]
    others: int = 0  # rows of other protocols or other versions of the images, which are not mixed in
    left_out: int = 0  # damaged rows, rows of an earlier version, and rows of arms that are others by now
    references: dict[str, float] = {}  # accuracy of raw pixels, PCA and the like on the same protocol, by role and name

    @property
    def state(self) -> State:
        """Of the whole study: no rows, not answered, or the verdict on its main claim."""
        if self.group is None:
            return "no rows"
        return self.main.state if self.main and self.main.measured else "not answered"

    @property
    def main(self) -> Verdict | None:
        """The first claim that has an answer, else the first with an interval, else the first."""
        return max(self.verdicts, key=lambda each: (each.answered, each.measured), default=None)  # of equals the first


def verdict(claim: Claim, group: Group | None) -> Verdict:
    """What the rows say about a claim."""
    if group is None or not any(arm in group.rows for arm in claim.arms):
        return Verdict(claim, "no rows")
    differences = paired(claim, group)
    if reason := missing(claim, group, len(differences)):
        return Verdict(claim, "not answered", reason, n=len(differences))
    if reason := next(filter(None, (unmet(condition, group) for condition in claim.conditions)), ""):
        return Verdict(claim, "not answered", reason, n=len(differences))
    low, high = statistics.mean_interval(differences)
    state = _decided(low - claim.above, high - claim.above, ALIKE if claim.share else 0.0)
    return Verdict(claim, state, "", fmean(differences), low, high, len(differences))


def _decided(low: float, high: float, alike: float) -> State:
    """What an interval of differences says: there is none where it holds small ones alone."""
    if low > 0 or high < 0:
        return "holds" if low > 0 else "refuted"
    return "no difference" if low >= -alike and high <= alike else "undecided"


def paired(claim: Claim, group: Group) -> list[float]:
    """The sum of the terms for each seed that has them all."""
    values = [(term.times, seeds(group, term.arm, term.number)) for term in claim.terms]
    common = set.intersection(*(set(of) for _, of in values)) if values else set()
    return [sum(times * of[seed] for times, of in values) for seed in sorted(common)]


def seeds(group: Group, arm: str, number: str) -> dict[int, float]:
    """A number of an arm by seed; one that is no finite number is none."""
    known = group.values(Arm(arm), number)
    return {seed: value for seed, value in known.items() if abs(value) < float("inf")}


def missing(claim: Claim, group: Group, n: int) -> str:
    """Which rows are needed that are not there."""
    without = [term.arm for term in claim.terms if term.arm not in group.rows]
    if without:
        return f"no rows of {' and '.join(Arm(label).words for label in dict.fromkeys(without))} yet"
    for term in claim.terms:
        if all("failed" in row for row in group.rows[term.arm].values()):
            return f"{Arm(term.arm).words} failed with every seed"
        if not seeds(group, term.arm, term.number):
            return f"the rows of {Arm(term.arm).words} do not hold its number"
    return f"{n} seed{'s' * (n != 1)} in common, and an interval needs 2" if n < 2 else ""


def unmet(condition: Learned | Surplus, group: Group) -> str:
    """Why the rows could not ask a claim; empty where they could."""
    return _no_gain(condition, group) if isinstance(condition, Learned) else _no_surplus(condition, group)


def _no_gain(condition: Learned, group: Group) -> str:
    """Whether the arm is no better than its own network untrained, as drawn or with settled batch norms."""
    for kind in UNTRAINED:
        gains = [each for each in group.gains(Arm(condition.arm), condition.number, kind) if isfinite(each)]
        if not gains:
            continue
        low, high = statistics.mean_interval(gains)
        if not (len(gains) > 1 and low > 0 and fmean(gains) >= GAIN):
            words = statistics.signed_points(fmean(gains), low, high)
            return f"{Arm(condition.arm).words} does not clearly beat its {KINDS[kind]}: {words}"
    return "" if group.gains(Arm(condition.arm), condition.number) else f"no untrained network beside {condition.arm}"


KINDS = {"untrained": "untrained network", "settled": "untrained network with settled batch norms"}


def _no_surplus(condition: Surplus, group: Group) -> str:
    """Whether the images without a label outnumber the labels."""
    images = seeds(group, condition.arm, "n_train")
    if not images:
        return f"no rows of {condition.arm} yet"
    without = min(images.values()) - condition.labels
    if without > condition.labels:
        return ""
    return f"{max(without, 0):,.0f} images without a label beside {condition.labels:,} labels are no surplus"


def judge(study: Study, group: Group | None, number: str = NUMBER) -> tuple[Verdict, ...]:
    """All claims of a study; with another `number` in the place of the linear probe, if the rows tell more by that."""
    claims = suite_claims.of(study).claimed(study.arms())
    return tuple(verdict(by_number(claim, number), group) for claim in claims)


# ------------------------------------------------------------------------------------------------ from the files


def findings(study: Study, dataset: str) -> Findings:
    """What is known of a study on a data set; read again only when its file, or that of the zoo, has changed."""
    paths = (results.place(study.name, dataset), results.place("zoo", dataset))
    return _findings(study.name, dataset, tuple(map(_stamp, paths)))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        about = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), about.st_mtime_ns, about.st_size


@lru_cache(maxsize=128)
def _findings(name: str, dataset: str, stamps: tuple[tuple[str, int, int], ...]) -> Findings:
    study, place = STUDIES[name], Path(stamps[0][0])
    rows = results.read(place, study.name, dataset)
    known = [row for row in rows if intact(row)]
    groups = sorted(report.groups(study.arms(), known), key=_weight)
    group = groups[-1] if groups else None
    used = sum(map(_size, groups))
    others = used - _size(group) if group else 0
    left_out = results.left_out(place) + len(rows) - used
    levels = _references(group, dataset) if group else {}
    return Findings(group, judge(study, group), others, left_out, levels)


def intact(row: Row) -> bool:
    """Whether all that should be numbers are numbers, and all that should be parts are parts."""
    parts = all(isinstance(row.get(name, {}), dict) for name in PARTS)
    words = all(isinstance(row.get(name), str) for name in ("torch", "python"))
    return parts and words and all(_numeric(value) for name, value in row.items() if NUMBERS.match(name))


PARTS = ("hyperparameters", "train", "measured", "linear_at", "labels")
NUMBERS = re.compile(
    r"(?:untrained_|settled_|z_|z_minus_h_)?(?:knn|linear)|(?:accuracy|mse|rank|dim|steps|parameters|core_seconds|giga|"
    r"measured|labels)$|n_"
)


def _numeric(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_numeric, value.values()))
    if isinstance(value, list):
        return all(map(_numeric, value))
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _weight(group: Group) -> tuple[int, bool, int]:
    """What is shown: most arms, of equally many those of the protocol of today."""
    return len(group.rows), isinstance(group.protocol, Protocol), _size(group)


def _size(group: Group) -> int:
    return sum(map(len, group.rows.values()))


def _references(group: Group, dataset: str) -> dict[str, float]:
    """The probes of what is not trained, on the same protocol and images: of this study, else of the zoo."""
    zoo = [row for row in results.read(results.place("zoo", dataset), "zoo", dataset) if intact(row)]
    arms = {"pixels": Arm("pixels", reference="pixels"), "PCA": Arm("pca:32", reference="pca:32")}
    beside = report.collect(list(arms.values()), group.protocol, group.data, zoo)
    levels = {}
    for probe in (probe.column() for probe in PROBES.values()):
        for role, arm in arms.items():
            if values := beside.values(arm, probe):
                levels[f"{role} {probe}"] = fmean(values.values())
        if values := _untrained(group, probe):
            levels[f"untrained {probe}"] = fmean(values)
    return levels


def _untrained(group: Group, probe: str) -> list[float]:
    """The same network before its first step: of all arms that begin with the same one, which most have."""
    known = [row for row in report.each(group) if isfinite(row.get(f"untrained_{probe}") or nan)]
    marks = [row.get("untrained") for row in known if row["seed"] == known[0]["seed"]]
    common = max(set(marks), key=lambda mark: (marks.count(mark), str(mark)), default=None)
    arms = {row["arm"] for row in known if row.get("untrained") == common}
    return [row[f"untrained_{probe}"] for row in known if row["arm"] in arms]


def counts(verdicts: Iterable[Verdict]) -> dict[State, int]:
    """How many claims have each verdict, without those that none has."""
    states: Sequence[State] = [each.state for each in verdicts]
    return {state: states.count(state) for state in (*ANSWERS, "not answered", "no rows") if state in states}
