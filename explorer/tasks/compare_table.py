"""Models side by side as a table: what they learned from and how, what it took, what probes say, hyperparameters."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from explorer import data
from explorer.evaluation.probes import PROBES
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import leaderboard


class Row(NamedTuple):
    """One property of all models."""

    group: str
    name: str
    values: tuple[Any, ...]  # None where a model has no such thing

    @property
    def same(self) -> bool:
        """Whether all models have the same value."""
        return all(value == self.values[0] for value in self.values[1:])


def rows(refs: Sequence[str], scores: Mapping[str, Any] | None = None) -> list[Row]:
    """Every property of these models; `scores` of a comparison of them add what their probes say."""
    runs = [ModelRef.parse(ref).run for ref in refs]
    return [*_about(refs, runs), *_probes(refs, runs, scores or {}), *_hyperparameters(runs)]


def _about(refs: Sequence[str], runs: Sequence[Run | None]) -> list[Row]:
    kinds = [ModelRef.parse(ref).kind for ref in refs]
    catalogue = data.catalogue()
    names = [run and run.spec.dataset for run in runs]
    titles = [name and (catalogue[name].title if name in catalogue else name) for name in names]
    facts = [_facts(ref, run) for ref, run in zip(refs, runs, strict=True)]
    names = [None if ModelRef.parse(ref).never_trained else name for ref, name in zip(refs, titles, strict=True)]
    rows = [
        Row("model", "reference", tuple(refs)),
        Row("model", "kind of model", tuple(kinds)),
        Row("model", "method", tuple(run and run.spec.method for run in runs)),
        Row("model", "trained on", tuple(names)),
    ]
    for name in leaderboard.FACTS:
        rows.append(Row("training", name, tuple(of.get(name) for of in facts)))
    return [row for row in rows if any(value is not None for value in row.values)]


def _facts(ref: str, run: Run | None) -> Mapping[str, Any]:
    """What its training took; nothing of a network before it, and of other weights than the last not the whole time."""
    which = ModelRef.parse(ref)
    if run is None or which.never_trained:
        return {}
    facts = leaderboard.entry(run).facts
    return {
        name: facts[name] for name in facts if which.which in ("", "last") or name not in ("seconds", leaderboard.BANK)
    }


def _probes(refs: Sequence[str], runs: Sequence[Run | None], scores: Mapping[str, Any]) -> list[Row]:
    """The probes on the compared images, and those of each run on the test images of its own data."""
    found = []
    for name, probe in PROBES.items():
        here = [each["probes"].get(name, {}).get("accuracy") for each in scores.get("models", ())]
        if any(value is not None for value in here):
            found.append(Row("probes, compared images", probe.title, tuple(here)))
    for name, probe in PROBES.items():
        own = [None if run is None else (run.scores() or {}).get(name) for run in runs]
        own = [None if ModelRef.parse(ref).which else value for ref, value in zip(refs, own, strict=True)]
        if any(value is not None for value in own):
            found.append(Row("probes, test images of its own data", probe.title, tuple(own)))
    return found


def _hyperparameters(runs: Sequence[Run | None]) -> list[Row]:
    found = []
    for group, field in (("method", "hyperparameters"), ("training", "train")):
        names = dict.fromkeys(name for run in runs if run for name in getattr(run.spec, field))
        for name in names:
            values = (None if run is None else _plain(getattr(run.spec, field).get(name)) for run in runs)
            found.append(Row(f"hyperparameters of the {group}", name, tuple(values)))
    return found


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
