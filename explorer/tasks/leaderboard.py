"""All trained models in one table: what their probes say, with seeds and spread, what they took, and what they saw.

Trainings that differ in nothing but the seed are one row: the mean of their scores, and their standard deviation.
What was opened from a story is a row of its own, for its numbers are another installation's word.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import hypot, isfinite
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

from explorer import data
from explorer.errors import Refused
from explorer.evaluation import statistics
from explorer.evaluation.probes import PROBES
from explorer.runs import Run
from explorer.tasks import trained_on
from explorer.tasks.stories import replayed

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")  # of batch normalisation: no gradient moves them
OF_A_METHOD = ("weight", "bias", "visible")  # that lie in no part of it; whatever else does is a buffer
BANK = "labels of the probes"  # another number than that of the images of the training
FACTS = ("trainable numbers", "training images", BANK, "seconds", "device")
SEED = "seed"


class Question(NamedTuple):
    """The test images that a score is about."""

    dataset: str
    classes: tuple[str, ...] = ()  # nothing: all
    size: int = 0  # height and width in pixels; 0: their own


class Entry(NamedTuple):
    """One training, or several that differ in the seed alone."""

    ids: tuple[str, ...]
    title: str
    method: str
    dataset: str
    hyperparameters: Mapping[str, Any]  # of method and training, without the seed
    seeds: tuple[int, ...]
    scores: Mapping[str, float]  # by probe: the mean over seeds
    spread: Mapping[str, float]  # by probe: the standard deviation over seeds; nothing of one
    facts: Mapping[str, Any]  # by FACTS, of several the mean of numbers
    shipped: bool = False
    n_test: int | None = None  # images of each score; the fewest of several
    told: bool = False  # opened from a story: trained and scored elsewhere

    @property
    def n(self) -> int:
        """How many seeds it was trained with."""
        return len(self.ids)

    @property
    def label(self) -> str:
        """Its title, which says where its numbers come from if not from here."""
        return f"{self.title} (opened from a story)" if self.told else self.title

    @property
    def question(self) -> Question:
        """What its scores answer: only answers to one question can be ranked."""
        of = self.hyperparameters
        return Question(self.dataset, tuple(sorted(of.get("classes") or ())), int(of.get("size") or 0))


def entry(run: Run) -> Entry:
    """One training."""
    spec, scores = run.spec, run.scores() or {}
    settings = {**spec.hyperparameters, **{name: value for name, value in spec.train.items() if name != SEED}}
    status = run.status
    took = status.finished - status.started if status.finished and status.started else None
    facts = {
        "trainable numbers": trainable(run),
        "training images": trained_on.images(run),
        BANK: scores.get("n_train"),
        "seconds": scores.get("train_seconds") or (None if took is None else round(took, 1)),
        "device": status.device or None,
    }
    known = {name: float(scores[name]) for name in PROBES if _believed(name, scores.get(name))}
    return Entry(
        (run.id,),
        run.title,
        str(spec.method),
        spec.dataset,
        settings,
        (spec.seed,),
        known,
        {},
        facts,
        run.shipped,
        scores.get("n_test"),
        replayed.about(run) is not None,
    )


def _believed(probe: str, value: Any) -> bool:
    """Whether it is a score of a probe: a number, and as an accuracy one from 0 to 1."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return number and (not PROBES[probe].accuracy or 0 <= value <= 1)


def entries(some: Iterable[Run], joined: bool = True) -> list[Entry]:
    """Those of these trainings that have ended and have scores; those that differ in the seed are one, if joined."""
    found = [entry(run) for run in some if run.status.final and run.scores() and not _of_others(run)]
    if not joined:
        return found
    groups: dict[object, list[Entry]] = {}
    for each in found:
        groups.setdefault(_identity(each), []).append(each)
    return [_joined(group) for group in groups.values()]


def _of_others(run: Run) -> bool:
    """Whether a story's run saw other images than the data set of that name here; nothing is decoded to find out."""
    if replayed.about(run) is None:
        return False
    try:
        here = data.ready(run.spec.dataset, run.spec.train.get("size") or 0)
    except Refused:
        return False
    return here is not None and replayed.own(run, here) is None


def _identity(of: Entry) -> object:
    """What seeds of one row have in common; a story has it with no other."""
    if of.told:
        return of.ids
    settings = tuple(sorted((name, repr(value)) for name, value in of.hyperparameters.items()))
    return of.method, of.dataset, settings


def _joined(group: Sequence[Entry]) -> Entry:
    """Several seeds as one; a seed that was trained twice counts once, the newest."""
    by_seed = {each.seeds[0]: each for each in reversed(group)}
    each = [by_seed[seed] for seed in sorted(by_seed)]
    if len(each) == 1:
        return each[0]
    values = {name: [of.scores[name] for of in each if name in of.scores] for name in PROBES}
    values = {name: of for name, of in values.items() if len(of) == len(each)}
    return group[0]._replace(
        ids=tuple(of.ids[0] for of in each), seeds=tuple(of.seeds[0] for of in each),
        scores={name: fmean(of) for name, of in values.items()},
        spread={name: stdev(of) for name, of in values.items()},
        facts={name: _mean([of.facts[name] for of in each]) for name in FACTS},
        shipped=all(of.shipped for of in each), n_test=min((of.n_test for of in each if of.n_test), default=None),
    )  # fmt: skip


def _mean(values: Sequence[Any]) -> Any:
    """The mean of numbers; of words the one that all have."""
    if all(isinstance(value, int | float) for value in values):
        return values[0] if len(set(values)) == 1 else fmean(values)
    return values[0] if len(set(values)) == 1 else None


def by_hyperparameter(some: Sequence[Entry], name: str) -> dict[Any, list[Entry]]:
    """The rows by the value of a hyperparameter, those without it last, under None."""
    groups: dict[Any, list[Entry]] = {}
    for each in some:
        value = each.method if name == "method" else each.hyperparameters.get(name)
        groups.setdefault(tuple(value) if isinstance(value, list) else value, []).append(each)
    return dict(sorted(groups.items(), key=lambda pair: (pair[0] is None, _order(pair[0]))))


def _order(value: Any) -> tuple[bool, float, str]:
    number = isinstance(value, int | float)
    return not number, float(value) if number else 0.0, str(value)


def varied(some: Sequence[Entry]) -> list[str]:
    """The hyperparameters that have more than one value among these rows; the method first."""
    names = dict.fromkeys(name for each in some for name in each.hyperparameters)
    differ = [name for name in names if len({repr(it.hyperparameters.get(name)) for it in some}) > 1]
    return ["method"] * (len({it.method for it in some}) > 1) + sorted(differ)


def ordered(some: Sequence[Entry], probe: str) -> list[Entry]:
    """The best by a probe first, those without it last; of several questions no best, each by itself as it came."""
    if len({it.question for it in some}) > 1:
        return sorted(some, key=lambda it: it.question)
    sign = 1 if PROBES[probe].better == "higher" else -1
    return sorted(some, key=lambda it: (probe not in it.scores, -sign * it.scores.get(probe, 0.0)))


def interval(it: Entry, probe: str) -> tuple[float, float]:
    """The 95% confidence interval of a score: of its test images (Wilson), and of its seeds if there are several.

    The two sources of chance are independent, so their margins add in squares.
    """
    value, low, high = it.scores[probe], it.scores[probe], it.scores[probe]
    if PROBES[probe].accuracy and it.n_test:
        low, high = statistics.interval(value, it.n_test)
    seeds = statistics.margin_of_mean(it.spread[probe], it.n) if it.n > 1 and probe in it.spread else 0.0
    return value - hypot(value - low, seeds), value + hypot(high - value, seeds)


def rivals(ranked: Sequence[Entry], probe: str) -> list[Entry]:
    """Which of these answers to one question, the best first, are not told apart from the best: intervals overlap."""
    known = [it for it in ranked if probe in it.scores]
    if not known:
        return []
    low, high = interval(known[0], probe)
    spans = [(it, *interval(it, probe)) for it in known[1:]]
    return [it for it, its_low, its_high in spans if its_low <= high and its_high >= low]


def as_csv(some: Sequence[Entry]) -> str:
    """The rows as CSV (RFC 4180): every probe with its spread, all facts, every hyperparameter."""
    names = list(dict.fromkeys(name for each in some for name in each.hyperparameters))
    probes = [column for name in PROBES for column in (name, f"{name}_sd")]
    out = io.StringIO()
    writer = csv.writer(out)
    facts = [name.replace(" ", "_") for name in FACTS]
    writer.writerow(["runs", "title", "method", "data", "from_story", "seeds", *probes, *facts, *names])
    for each in some:
        numbers = [of.get(name, "") for name in PROBES for of in (each.scores, each.spread)]
        own = ["" if each.facts.get(name) is None else each.facts[name] for name in FACTS]
        settings = [each.hyperparameters.get(name, "") for name in names]
        seeds = " ".join(map(str, each.seeds))
        row = [" ".join(each.ids), each.title, each.method, each.dataset, int(each.told), seeds]
        row += [*numbers, *own, *settings]
        writer.writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: Any) -> Any:
    """A text that a table program would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def title_of(dataset: str) -> str:
    """What a data set is called, if it is still there."""
    known = data.catalogue().get(dataset)
    return known.title if known else dataset


def trainable(run: Run) -> int | None:
    """How many numbers of a network a gradient moved, by the shapes in its file; None without one, or if damaged.

    Left out are the statistics of batch normalisation, copies that follow another part by a moving average, and what
    lies in no part: means, queues, the components of what was solved.
    """
    path = run.newest_weights()
    try:
        return None if path is None else _trainable(path, path.stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=2048)
def _trainable(path: Path, changed: int) -> int | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            shapes = {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, ValueError):
        return None
    follows = _follower(shapes)
    learned = [name for name in shapes if "." in name or name in OF_A_METHOD]
    return sum(_size(shapes[name]) for name in learned if not name.endswith(BUFFERS) and not follows(name)) or None


def _follower(shapes: Mapping[str, Sequence[int]]) -> Callable[[str], bool]:
    """Whether a part is the copy of another, as `target_encoder` is of `encoder`."""
    parts = {name.partition(".")[0] for name in shapes}

    def follows(name: str) -> bool:
        part = name.partition(".")[0]
        return any(part != other and part.endswith(f"_{other}") for other in parts)

    return follows


def _size(shape: Sequence[int]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size
