"""What runs are called beside one another: by the hyperparameters in which they differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from explorer.runs import Run
from explorer.tasks.training import request as training_request
from pages.ui.runs import lineage


def swept(members: Sequence[Run]) -> list[str]:
    """The hyperparameters in which some runs differ; a sweep differs in one, unless somebody has edited the folders."""
    first = members[0].spec
    return list(
        dict.fromkeys(
            hyperparameter for it in members[1:] for hyperparameter in training_request.differences(it.spec, first)
        )
    )


def hyperparameters(members: Sequence[Run]) -> str:
    """The same in words."""
    return " and ".join(lineage.name(hyperparameter) for hyperparameter in swept(members)) or "nothing"


def words(members: Sequence[Run]) -> list[str]:
    """Each run's own values of what differs."""
    differ = swept(members)
    return [
        ", ".join(
            f"{lineage.name(hyperparameter)} {lineage.shown(hyperparameter, _value(it, hyperparameter))}"
            for hyperparameter in differ
        )
        for it in members
    ]


def labels(members: Sequence[Run]) -> list[str]:
    """What each run of a sweep is called, no two alike."""
    values = words(members)
    return [f"{word} ({i})" if word in values[: i - 1] else word for i, word in enumerate(values, 1)]


def distinguishing(some: Sequence[Run]) -> dict[str, str]:
    """By id, the values that distinguish runs of the same title; nothing for the others."""
    titles = {run.id: run.title for run in some}
    often = Counter(titles.values())
    alike = {title: [run for run in some if titles[run.id] == title] for title, n in often.items() if n > 1}
    return {run.id: label for group in alike.values() for run, label in zip(group, words(group), strict=True)}


def titles(some: Sequence[Run]) -> dict[str, str]:
    """By id, what each run is called among these: of the same title, what differs; else a number, the oldest first."""
    differ = distinguishing(some)
    full = {run.id: ", ".join(filter(None, [run.title, differ.get(run.id)])) for run in some}
    often, seen = Counter(full.values()), Counter()
    for run in sorted(some, key=lambda run: (run.created, run.id)):
        title = full[run.id]
        seen[title] += 1
        if often[title] > 1:
            full[run.id] = f"{title} #{seen[title]}"
    return full


def sweeps(some: Iterable[Run]) -> list[list[Run]]:
    """Runs that were submitted together in one list, every other in one of its own; in the order they came in."""
    groups: dict[str, list[Run]] = {}
    for run in some:
        groups.setdefault(run.spec.group or run.id, []).append(run)
    return list(groups.values())


def _value(run: Run, hyperparameter: str) -> Any:
    spec, own = run.spec, hyperparameter.removeprefix(f"{run.spec.method}-")
    return (
        spec.train[hyperparameter]
        if hyperparameter in spec.train
        else spec.hyperparameters.get(own, getattr(spec, hyperparameter, None))
    )
