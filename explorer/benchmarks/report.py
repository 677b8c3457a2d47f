"""The table of a study, from its rows alone: the same rows give the same text."""

from collections.abc import Callable, Collection, Iterable
from statistics import mean
from typing import Any, NamedTuple

from explorer.benchmarks import results
from explorer.benchmarks.protocol import SHARES, UNTRAINED, Arm, Earlier, Protocol, Study, protocol_of
from explorer.benchmarks.results import Row
from explorer.evaluation.probes import PROBES

COSTS = {"rank": "rank", "dim": "numbers", "core_seconds": "core-seconds", "steps": "steps", "giga": "G multiply-adds"}
DIGITS = {"rank": 1, "dim": 0, "core_seconds": 0, "steps": 0, "giga": 0, "mse": 5, "measured.active dimensions": 1}
SHORT = 1000  # steps, below which an arm is marked: it may have had too few to show what it can do

PREFACE = (
    "Made from the rows in this folder by `make results`. Each arm is trained for each seed and measured on the "
    "test images: kNN with all labels, the linear probe with the share that is named. "
    "*Difference* is taken seed by seed against the arm that is named under *against*; *over untrained* against the "
    "same network before its first step, whose batch norms have the statistics of no image yet; *settled* is that "
    "network with the statistics of the training images, still without a step; *rank* is the effective rank of the "
    "test images' representation (RankMe); multiply-adds are those of the whole training, forwards and backwards. "
    "Today's protocol counts core-seconds, and each seed draws its images; tables of an earlier one say so. An arm "
    "with a star made fewer than 1,000 steps. What the tables answer, claim by claim, stands in "
    "[ANSWERS.md](ANSWERS.md), which is written by hand."
)


class Column(NamedTuple):
    """A title, and what stands under it for an arm."""

    title: str
    cell: Callable[[Arm], str]


class Group(NamedTuple):
    """The rows of one protocol on the same images, by arm and seed; of several of one run the last."""

    protocol: Protocol | Earlier
    data: str
    arms: list[Arm]
    rows: dict[str, dict[int, Row]]

    def values(self, arm: Arm, name: str) -> dict[int, float]:
        """A number of each seed that has it."""
        numbers = {seed: number(row, name) for seed, row in sorted(self.rows.get(arm.label, {}).items())}
        return {seed: value for seed, value in numbers.items() if value is not None}

    def gains(self, arm: Arm, name: str, over: str = "untrained") -> list[float]:
        """What the training has added to the same network, untrained or settled, seed by seed."""
        before = self.values(arm, f"{over}_{name}")
        return [value - before[seed] for seed, value in self.values(arm, name).items() if seed in before]

    def differences(self, arm: Arm, name: str) -> list[float]:
        """What it has more than the arm that it is compared with, seed by seed."""
        other = next((each for each in self.arms if each.label == arm.against), None)
        there = self.values(other, name) if other else {}
        return [value - there[seed] for seed, value in self.values(arm, name).items() if seed in there]


def number(row: Row, path: str) -> float | None:
    """A number of a row; a point leads into a part of it, and of several numbers the smallest counts."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):
        value = min(value, default=None)
    return None if value is None or "failed" in row else float(value)


def markdown(study: Study, dataset: str, known: list[Row], asked: Collection[str] | None = None) -> str:
    """All that is there, protocol by protocol, under the question; of the arms `asked` for (all), those that miss."""
    parts = [part(study, dataset, group, asked) for group in groups(study.arms(), known)]
    return "\n\n".join([f"**{study.question}**", *(parts or ["No run has finished yet."])])


def book(known: Iterable[tuple[Study, str, list[Row]]]) -> str:
    """The tables of many studies, each on its data set, under one title."""
    parts = [f"## {study.name} on {dataset}\n\n{markdown(study, dataset, of)}" for study, dataset, of in known]
    return "\n\n".join([f"# Results of the studies\n\n{PREFACE}", *parts])


def groups(arms: list[Arm], known: list[Row]) -> list[Group]:
    """The rows of some arms, those of each protocol and of the same images for themselves."""
    kinds = sorted({(protocol_of(row), row["data"]) for row in known}, key=str)
    there = [collect(arms, protocol, data, known) for protocol, data in kinds]
    return [group for group in there if group.rows]


def collect(arms: list[Arm], protocol: Protocol | Earlier, data: str, known: list[Row]) -> Group:
    """The rows of the arms as they are now, with the defaults that their methods had last."""
    by_arm = {}
    for arm in arms:
        mine = [row for row in results.of(known, arm, protocol) if row["data"] == data]
        by_arm[arm.label] = {row["seed"]: row for row in mine if not results.outdated_defaults(row, mine[-1])}
    return Group(protocol, data, arms, {label: seeds for label, seeds in by_arm.items() if seeds})


def part(study: Study, dataset: str, group: Group, asked: Collection[str] | None = None) -> str:
    """One protocol: how it was done, the table, what failed, what is missing, and the conclusion."""
    there = [arm for arm in group.arms if arm.label in group.rows]
    if study.ranked:
        there.sort(key=lambda arm: (-average(group.values(arm, "linear_100")), arm.label))
    shown = columns(study, group)
    cells = [[column.cell(arm) for column in shown] for arm in there]
    blocks = [protocol_text(study, dataset, group), grid([column.title for column in shown], cells)]
    missing = [arm.label for arm in group.arms if arm.label not in group.rows and (asked is None or arm.label in asked)]
    lines = [f"{row['arm']}, seed {row['seed']}: failed, {row['failed']}." for row in each(group) if "failed" in row]
    lines += [f"Not there: {', '.join(missing)}."] * bool(missing)
    blocks += ["\n".join(lines)] * bool(lines)
    summary = study.summary_table(group.rows) if study.summary_table else ""
    return "\n\n".join([*blocks, *filter(None, [summary])])


def average(values: dict[int, float]) -> float:
    """The mean over seeds; nothing is less than everything."""
    return mean(values.values()) if values else float("-inf")


def each(group: Group) -> list[Row]:
    """All rows, arm by arm and seed by seed."""
    return [group.rows[arm.label][seed] for arm in group.arms for seed in sorted(group.rows.get(arm.label, {}))]


def protocol_text(study: Study, dataset: str, group: Group, shares: bool = True, encoder: bool = True) -> str:
    """The protocol in words, with seeds, hardware and, for probes that see `shares` of them, labels."""
    every, wanted = each(group), group.protocol
    seeds = sorted({row["seed"] for row in every})
    width = f" of width {wanted.width:g}" if wanted.width != 1 else ""
    size = f" at {wanted.size}×{wanted.size} pixels" if wanted.size else ""
    counts = next((row["labels"] for row in every if "labels" in row), {}) if shares else {}
    labels = ", ".join(f"{share}% = {n:,}" for share, n in counts.items())
    network = f"encoder `{wanted.encoder}`{width}, " if encoder else ""
    first, *more = wanted.sentences(network, every[0]["n_bank"], every[0]["n_test"])
    several = f"Seeds {', '.join(map(str, seeds))}: mean (lowest to highest), n = how many"
    sentences = [
        f"`{dataset}` ({group.data[:8]}){size}, {first}",
        *more,
        several if len(seeds) > 1 else f"Seed {seeds[0]}",
        f"Labels of the probes: {labels}" if labels else "",
        f"{'; '.join(sorted({row['hardware'] for row in every}))}; torch {distinct(every, 'torch')}, "
        f"Python {distinct(every, 'python')}",
    ]
    return ". ".join(filter(None, [*sentences, study.note.rstrip(".")])) + "."


def distinct(every: list[Row], name: str) -> str:
    """All values that there are."""
    return " and ".join(sorted({row[name] for row in every}))


def columns(study: Study, group: Group) -> list[Column]:
    """Those that have something to say."""

    def plain(name: str) -> Callable[[Arm], str]:
        return lambda arm: mean_and_range(group.values(arm, name).values(), DIGITS.get(name, 3))

    def gain(name: str, over: str) -> Callable[[Arm], str]:
        return lambda arm: mean_and_range(group.gains(arm, name, over), 3, signed=True)

    def difference(name: str) -> Callable[[Arm], str]:
        return lambda arm: mean_and_range(group.differences(arm, name), DIGITS.get(name, 3), signed=True)

    every = [Column("arm", lambda arm: marked(group, arm)), Column("n", lambda arm: str(len(group.values(arm, "knn"))))]
    probes = list(PROBES.values())
    every += [
        Column(probe.heading(share), plain(probe.column(share)))
        for probe in probes
        for share in (SHARES if probe.by_share else SHARES[:1])
    ]
    every += [Column("against", lambda arm: arm.against)]
    every += [Column(f"{probe.heading()}, difference", difference(probe.column())) for probe in probes]
    for kind in UNTRAINED:
        every += [Column(f"{probe.title} over {kind}", gain(probe.column(), kind)) for probe in probes]
    every += [Column(title, plain(name)) for name, title in (study.columns | COSTS).items()]
    return [column for column in every if any(column.cell(arm) for arm in group.arms)]


def marked(group: Group, arm: Arm) -> str:
    """The arm, with a mark where it made few steps."""
    steps = group.values(arm, "steps")
    return f"{arm.label} \\*" if steps and 1 < min(steps.values()) < SHORT else arm.label


def grid(titles: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in [titles, ["---"] * len(titles), *lines])


def mean_and_range(values: Iterable[float], digits: int, signed: bool = False) -> str:
    """Mean (lowest to highest), or the one value that all have."""
    values = list(values)
    form = f"{'+' if signed else ''},.{digits}f"
    if not values:
        return ""
    middle, low, high = (f"{value:{form}}" for value in (mean(values), min(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"
