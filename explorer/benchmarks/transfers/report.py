"""The tables of a study of transfers, from its rows alone: the same rows give the same text."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from explorer.benchmarks.report import grid
from explorer.benchmarks.transfers import gap, rows
from explorer.benchmarks.transfers.rows import Row
from explorer.benchmarks.transfers.study import OWN_HEAD, TransferStudy
from explorer.evaluation import arm_results, statistics
from explorer.evaluation.arm_results import BASE, Comparison
from explorer.evaluation.arms import titles
from explorer.evaluation.crossover import words

SEEDS = (0, 1, 2)
PREFACE = (
    "Rows of `python -m explorer benchmark transfer-…`, a row for each training. Accuracies are those of the test "
    "images, means over the seeds with 95% intervals over seeds (Student's t) and images (Wilson), added as "
    "independent errors; with one seed over the images alone. *Over frozen* is paired: the same labels, seeds and "
    "images; p is exact over the images, corrected by Holm for all arms of that source at that amount, and *no "
    "difference* stands where it is above 0.05."
)


class Known(NamedTuple):
    """The rows of a source: those that a table is about, and the same by training."""

    source: str
    outcomes: list[Row]  # without the own head
    own: list[Row]
    n_test: int

    @property
    def amounts(self) -> set[str]:
        """The amounts of labels that there are rows of."""
        return {row["labels"] for row in self.outcomes}

    def comparisons(self) -> list[Comparison]:
        """Each arm against the frozen encoder, at each amount of labels."""
        right = {(row["arm"], row["labels"], row["seed"]): rows.unpacked(row) for row in self.outcomes}
        return arm_results.comparisons(self.outcomes, right, BASE)


def chapter(study: TransferStudy, known: Sequence[Row]) -> str:
    """All that is there of a study, and what is not."""
    title = f"## {study.name} on {study.dataset}\n\n**{study.question}**"
    return "\n\n".join([title, *(parts(study, known) if known else ["No training has finished yet."])])


def book(studies: Sequence[tuple[TransferStudy, Sequence[Row]]]) -> str:
    """The tables of the studies that have rows; nothing where none has."""
    chapters = [chapter(study, known) for study, known in studies if known]
    return "\n\n".join(["# What a representation is worth elsewhere", PREFACE, *chapters]) if chapters else ""


def parts(study: TransferStudy, known: Sequence[Row]) -> Iterator[str]:
    """The protocol, the table of each source, crossovers, the gap in labels, and what is missing."""
    yield protocol_text(study, rows.comparable(known))
    if left := len(known) - len(rows.comparable(known)):
        other = "1 row was" if left == 1 else f"{left:,} rows were"
        yield f"{other} left out: made with other weights or images of the same source than its newest row."
    sources = [of(source, known) for source in study.sources]
    full = [each for each in sources if "all" in each.amounts]
    if full:
        yield "With all labels:\n\n" + all_labels(study, full)
    for each in sources:
        if len(each.amounts) > 1:
            yield f"{title(study, each.source)}, along the labels per class:\n\n" + along(study, each)
    crossed = [line for each in sources for line in crossovers(study, each)]
    yield from ["\n".join(f"- {line}" for line in crossed)] * bool(crossed)
    if study.gap:
        yield from filter(None, (gap.table(study, each.source, each.outcomes) for each in sources))
    missing = absent(study, known)
    yield "\n".join(["Not measured yet; the same command goes on:", "", *missing]) if missing else "Nothing is missing."


def of(source: str, known: Sequence[Row]) -> Known:
    """The rows of a source that may be compared; of several of one training the last."""
    last = {(rows.training(row), row["seed"]): row for row in rows.comparable(known) if row["source"] == source}
    every = sorted(last.values(), key=lambda row: row["seed"])
    outcomes = [row for row in every if row["arm"] != OWN_HEAD]
    own = [row for row in every if row["arm"] == OWN_HEAD]
    return Known(source, outcomes, own, max((row["n_test"] for row in every), default=0))


def title(study: TransferStudy, source: str) -> str:
    """What a source is called."""
    return study.titles.get(source, source)


def protocol_text(study: TransferStudy, known: Sequence[Row]) -> str:
    """How it was done, on which images and machine."""
    cfg = study.protocol()
    seeds = sorted({row["seed"] for row in known})
    machines = "; ".join(sorted({row["hardware"] for row in known}))
    versions = " and ".join(sorted({row["torch"] for row in known}))
    rates = f"learning rates {cfg['lr']:g} (encoder) and {cfg['head_lr']:g} (classifier)"
    images = "random resized crops and flips" if cfg["augment"] else "images as they are"
    draws = f" (frozen: {cfg['draws']} stored draws of each)" if cfg["augment"] else ""
    head = "a new last layer" if cfg["head"] == "replaced" else "a linear layer on standardised features"
    sentences = [
        f"All trainings about {study.steps:,} steps of {cfg['batch']} images at most, {cfg['optimizer'].upper()}, "
        f"{rates}, {images}{draws}, {head}, the weights of the last epoch",
        f"{max(row['n_test'] for row in known):,} test images; seeds {', '.join(map(str, seeds))}",
        study.note,
        f"{machines}; torch {versions}",
    ]
    return ". ".join(filter(None, sentences)) + "."


def all_labels(study: TransferStudy, sources: Sequence[Known]) -> str:
    """A line for each source and arm."""
    lines = [line for each in sources for line in lines_of(study, each)]
    return grid(["source", "arm", "n", "trainable", "accuracy", "over frozen, points", "", "core-seconds"], lines)


def lines_of(study: TransferStudy, of: Known) -> Iterator[list[str]]:
    """The own head, then the arms in their order."""
    for row in of.own:
        right = int(rows.unpacked(row).sum())
        low, high = statistics.interval(row["test_accuracy"], row["n_test"])
        counted = f"{row['test_accuracy']:.3f} ({low:.3f} to {high:.3f}): {right} of {row['n_test']}"
        yield [title(study, of.source), "own head, no training", "1", "0", counted, "", "", ""]
    against = {(each.first, each.labels): each for each in of.comparisons()}
    found = [each for each in arm_results.table(of.outcomes, of.n_test) if each.labels == "all"]
    for each in sorted(found, key=lambda each: list(titles()).index(each.arm)):
        took = [row["core_seconds"] for row in of.outcomes if (row["arm"], row["labels"]) == (each.arm, "all")]
        yield [title(study, of.source), titles()[each.arm].lower(), str(len(each.accuracies)), f"{each.trainable:,}",
               f"{each.mean:.3f} ({each.low:.3f} to {each.high:.3f})", *difference(against.get((each.arm, "all"))),
               f"{min(took):,.0f} to {max(took):,.0f}"]  # fmt: skip


def difference(each: Comparison | None) -> list[str]:
    """By how much an arm is above the frozen encoder, and whether that is a difference; nothing where it is missing."""
    if each is None:
        return ["", ""]
    numbers = (f"{100 * value:+.1f}" for value in (each.difference, each.low, each.high))
    middle, low, high = numbers
    verdict = f"{titles()[each.better].lower()} is better" if each.better else "no difference"
    return [f"{middle} ({low} to {high})", f"{verdict}, p = {each.p:.3f}"]


def along(study: TransferStudy, of: Known) -> str:
    """A line for each amount of labels, two columns for each arm."""
    cells = {(each.labels, each.arm): each for each in arm_results.table(of.outcomes, of.n_test)}
    against = {(each.first, each.labels): each for each in of.comparisons()}
    arms = [arm for arm in titles() if any(arm == there for _, there in cells)]
    shown = [arm for arm in arms if len({amount for amount, there in cells if there == arm}) > 1]
    lines = []
    for amount in [each for each in study.amounts(of.source) if each in of.amounts]:
        line = [amount]
        for arm in shown:
            cell = cells.get((amount, arm))
            line += [f"{cell.mean:.3f} ({cell.low:.3f} to {cell.high:.3f}), n = {len(cell.accuracies)}" if cell else ""]
            line += difference(against.get((arm, amount)))[:1] if arm != BASE else []
        lines.append(line)
    heads = [text for arm in shown for text in ([titles()[arm]] if arm == BASE else [titles()[arm], "over frozen"])]
    return grid(["labels per class", *heads], lines)


def crossovers(study: TransferStudy, of: Known) -> Iterator[str]:
    """From where on each other arm beats the frozen encoder."""
    classes = {row["classes"] for row in of.outcomes}
    for found in arm_results.crossovers(of.comparisons(), max(classes, default=1)):
        yield f"{title(study, of.source)}: {words(found, titles()[found.first], titles()[found.second])}"


def absent(study: TransferStudy, known: Sequence[Row]) -> list[str]:
    """What is not there, a line for each source and arm."""
    there = {(rows.training(row), row["seed"]) for row in rows.comparable(known)}
    missing: dict[tuple[str, str], dict[str, list[int]]] = {}
    for each, seed in study.plan(SEEDS):
        if (each, seed) not in there:
            missing.setdefault((each.source, each.arm), {}).setdefault(each.labels, []).append(seed)
    return [
        f"- {title(study, source)}, {spelled(arm)}: "
        + amounts({amount: of[amount] for amount in ["none", *study.amounts(source)] if amount in of})
        for (source, arm), of in missing.items()
    ]


def spelled(arm: str) -> str:
    """An arm inside a sentence."""
    return titles().get(arm, arm).lower()


def amounts(missing: dict[str, list[int]]) -> str:
    """Amounts of labels, with the seeds where some are there."""
    return ", ".join(
        amount if len(seeds) == len(SEEDS) else f"{amount} (seed {', '.join(map(str, seeds))})"
        for amount, seeds in missing.items()
    )
