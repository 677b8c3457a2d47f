"""The card of a model that comes with the project: what it is, how it was made, and what it is worth. Torch-free."""

import shlex
from contextlib import suppress
from itertools import chain
from typing import Any, Literal, get_args

from pydantic import BaseModel

from explorer import reading
from explorer.evaluation.probes import PROBES
from explorer.evaluation.statistics import difference_is_significant, margin, percent, points
from explorer.runs import Run, Spec

NAME = "card.json"
LICENCE = "Apache-2.0, as this project"
Verdict = Literal["better", "worse", "no difference"]
JOINED = {"better": "better than", "worse": "worse than", "no difference": "no significant difference to"}


class CardData(BaseModel, frozen=True, extra="forbid"):
    """The images that a model has learned from."""

    name: str
    title: str
    hash: str
    source: str  # citation and licence
    train: int  # images that it has learned from


class CardFrames(BaseModel, frozen=True, extra="forbid"):
    """What is kept of the moments of its training."""

    rows: int
    components: int  # principal components, the same of all frames
    variance: dict[int, float]  # by step, the share of the features' variance that they hold


class Card(BaseModel, frozen=True, extra="forbid"):
    """All that is said of a shipped model; every number was computed from the weights beside it."""

    format: int = 1
    name: str
    title: str
    shows: str  # one sentence
    data: CardData
    method: str
    hyperparameters: dict[str, Any]
    train: dict[str, Any]
    seed: int
    command: str  # trains it again
    hardware: str
    seconds: float  # of training alone, by the clock
    core_seconds: float  # the same of all cores; 0 where it is unknown
    n: int  # test images behind every score
    scores: dict[str, Any]  # of the probes, and `references` with the same of untrained, pixels and PCA
    against: dict[str, dict[str, Verdict]]  # by probe and reference: whether more than the sampling error lies between
    measured: str  # the same in words
    weights: str  # sha256 of the file
    frames: CardFrames
    licence: str = LICENCE
    versions: dict[str, str]


def read(run: Run) -> Card | None:
    """The card of a shipped model; None for a run of one's own, and for a model of an earlier format."""
    with suppress(OSError, ValueError):
        return Card.model_validate(reading.fields(run.folder / NAME))
    return None


def verdicts(scores: dict[str, Any]) -> dict[str, dict[str, Verdict]]:
    """Each probe against each reference on the same number of test images (two-sided z-test, 5 %)."""
    n, references = scores["n_test"], scores["references"]
    return {
        probe: {
            title: verdict(PROBES[probe].better, scores[probe], known[probe], n) for title, known in references.items()
        }
        for probe in PROBES
    }


def in_words(scores: dict[str, Any]) -> str:
    """What was measured, in a sentence for each probe: the accuracy with its interval, and who wins."""
    compared, n = verdicts(scores), scores["n_test"]
    return " ".join(_sentence(probe, scores, each, n) for probe, each in compared.items())


def _sentence(probe: str, scores: dict[str, Any], compared: dict[str, Verdict], n: int) -> str:
    parts = []
    for result in get_args(Verdict):
        titles = [title for title, each in compared.items() if each == result]
        names = [f"{title[:1].lower() if title[1:2].islower() else title[:1]}{title[1:]}" for title in titles]
        shares = [
            f"{name} ({percent(scores['references'][title][probe], n)})"
            for name, title in zip(names, titles, strict=True)
        ]
        parts += [f"{JOINED[result]} {' and '.join(shares)}"] if shares else []
    accuracy = f"{percent(scores[probe], n)} ± {points(margin(scores[probe], n), n)}"
    title = PROBES[probe].title
    heading = title.capitalize() if title.islower() else title
    return f"{heading}: {accuracy} of {n:,} test images; {', '.join(parts)}."


def verdict(better: str, score: float, reference: float, n: int) -> Verdict:
    """Which of two shares of `n` images is the better one, if either."""
    if not difference_is_significant(score, reference, n):
        return "no difference"
    return "better" if (score > reference) == (better == "higher") else "worse"


def command(spec: Spec) -> str:
    """The command that trains a run again; what is a default is left out."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    cls = METHODS.choose(str(spec.method))
    own = changed(spec.hyperparameters, cls.hyperparameters({}).model_dump(mode="json"))
    every = changed(spec.train, cls.training({}).model_dump(mode="json"))
    words = [(f"{spec.method}-{name}" if name in TrainConfig.model_fields else name, value) for name, value in own]
    options = chain.from_iterable((f"--{name.replace('_', '-')}", text(value)) for name, value in [*words, *every])
    return shlex.join(["python", "-m", "explorer", "train", str(spec.method), spec.dataset, *options])


def changed(values: dict[str, Any], defaults: dict[str, Any]) -> list[tuple[str, Any]]:
    """The hyperparameters that are not at their defaults."""
    return [(name, value) for name, value in values.items() if value != defaults.get(name)]


def text(value: Any) -> str:
    """A value as the command line reads it."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else f"{value}"
