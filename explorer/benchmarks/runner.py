"""All runs of a study, one after the other: seed by seed, so that a half-finished study is a balanced one."""

import os
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

import torch

from explorer import Refused
from explorer.benchmarks import results
from explorer.benchmarks.protocol import Arm, Protocol, Study, protocol_of
from explorer.benchmarks.results import Row
from explorer.benchmarks.testbed import Testbed
from explorer.benchmarks.trial import hardware, resolved, run
from explorer.benchmarks.workspace import source
from explorer.core import METHODS
from explorer.evaluation.probes import PROBES
from explorer.tasks.inputs import use_threads

Say = Callable[[str], None]


def conduct(
    study: Study, dataset: str, arms: list[Arm], seeds: list[int], protocol: Protocol, path: Path, say: Say,
    threads: int = 0,
) -> dict[str, str]:  # fmt: skip
    """Train what is not there yet, and write each row at once; returns the arms that were left out, and why."""
    use_threads(threads)
    bench = Testbed(dataset, protocol, seeds[0])
    if study.colour and bench.whole.channels < 3:
        raise Refused(f"{study.name} asks about colour, and {dataset} is grey: choose a data set in colour")
    refused: dict[str, str] = {}
    plan, old = run_order(arms, seeds), 0
    for place, (seed, arm) in enumerate(plan, 1):
        if arm.label in refused:
            continue
        if seed != bench.seed:
            bench = Testbed(dataset, protocol, seed)
        known = results.read(path, study.name, dataset)  # read again: another process may write there too
        try:
            row = attempt(study, arm, seed, bench, threads, known, path)
        except Refused as error:
            refused[arm.label] = str(error)
            say(f"{place}/{len(plan)}  {arm.label}: left out, {error}")
            continue
        old += row is None
        if row:
            results.append(path, row)
            left = remaining(plan[place:], bench, results.read(path, study.name, dataset), refused)
            say(f"{place}/{len(plan)}  {summary(row)}  {left}")
    if old:
        say(f"{old} of {len(plan)} were there already")
    return refused


def attempt(
    study: Study, arm: Arm, seed: int, bench: Testbed, threads: int, known: list[Row], path: Path
) -> Row | None:  # fmt: skip
    """The row of a run: None if it is there, one of another study that has made the very same, or a new one.

    Raises `Refused` whatever goes wrong: one broken arm must not end a night of training.
    """
    try:
        if there(known, arm, seed, bench):
            return None
        others = list(results.elsewhere(path.parent, study, bench.whole.name))
        if same := there([row for row in others if on_this_machine(row)], arm, seed, bench):
            source = same.get("from", f"{same['study']}: {same['arm']}")
            return {**same, "study": study.name, "arm": arm.label, "from": source}
        return run(study, arm, seed, bench, threads, [*known, *others])
    except Refused:
        raise
    except Exception as error:
        if os.environ.get("EXPLORER_DEBUG") == "1":
            traceback.print_exc()
        raise Refused(" ".join(f"{type(error).__name__}: {error}".split())) from error


def on_this_machine(row: Row) -> bool:
    """Whether it was made on such a machine as this one."""
    return (row["torch"], row["hardware"]) == (str(torch.__version__), hardware())


def there(known: Iterable[Row], arm: Arm, seed: int, bench: Testbed) -> Row | None:
    """The row of a run that need not be made again; raises `Refused` where it cannot be made."""
    present = resolved(arm, seed, bench)
    fit = [row for row in results.of(known, arm, bench.protocol, seed) if row["data"] == bench.whole.hash]
    if arm.method:  # what another version of its file has made is no row of it
        fit = [row for row in fit if row.get("source", "") == source(METHODS[arm.method])]
    return next((row for row in reversed(fit) if not results.outdated_defaults(row, present)), None)


def run_order(arms: list[Arm], seeds: list[int]) -> list[tuple[int, Arm]]:
    """All runs in their order."""
    return [(seed, arm) for seed in dict.fromkeys(seeds) for arm in arms]


def summary(row: Row) -> str:
    """A row in one line."""
    name = f"seed {row['seed']}, {row['arm']}"
    if "from" in row:
        return f"{name}: taken from {row['from']}"
    if "failed" in row:
        return f"{name}: failed, {row['failed']}"
    rate = f" at {row['images_per_second']:,.0f} images/s" if "images_per_second" in row else ""
    scores = ", ".join(f"{probe.title} {row[probe.column()]:.3f}" for probe in PROBES.values() if probe.column() in row)
    return f"{name}: {row['train_seconds']:.0f} s{rate}, {row['seconds']:.0f} s in all, {scores}"


def remaining(plan: list[tuple[int, Arm]], bench: Testbed, known: list[Row], refused: dict[str, str]) -> str:
    """The time that is left, as long as the same arm took before, or else as a run takes on average."""
    waiting = [arm for seed, arm in plan if arm.label not in refused
               and not results.of(known, arm, bench.protocol, seed)]  # fmt: skip
    took = {row["arm"]: row["seconds"] for row in known if protocol_of(row) == bench.protocol}
    mean = sum(took.values()) / max(len(took), 1)
    seconds = sum(took.get(arm.label, mean) for arm in waiting)
    return f"{len(waiting)} left, about {length(seconds)}" if waiting else "none left"


def length(seconds: float) -> str:
    """Seconds for people."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
