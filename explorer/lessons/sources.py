"""Where a measured number is read: a study's rows, a model's scores, or the student's own run. Never from a lesson."""

from collections.abc import Sequence
from statistics import mean
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, Field, model_validator

from explorer import runs
from explorer.benchmarks import results
from explorer.errors import Refused, choose
from explorer.evaluation import arms, statistics
from explorer.evaluation.health import METERS
from explorer.evaluation.probes import PROBES, Probe
from explorer.runs import Run
from explorer.tasks import request

Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9_. ]{1,60}$")]  # a point leads into a part: frozen.test_accuracy
SHARES = ("accuracy", "test_accuracy")  # numbers beside those of the probes that are a share of the images
OWN = "own"  # the run that the student has started in this lesson
LOWER_IS_BETTER = ("mse", "loss", "train_loss", "val_loss", "alignment", "uniformity")
HIGHER_IS_BETTER = (*SHARES, "trustworthiness")  # of a probe it says itself; of a rank, for one, neither is
CURVES = ("train_loss", "val_loss", *METERS)  # numbers whose last value is kept
TITLES = {
    "linear_100": "linear probe, all labels",
    "linear_10": "linear probe, 10 % of the labels",
    "linear_1": "linear probe, 1 % of the labels",
    "accuracy": "accuracy of its own classifier",
    "rank": "effective rank",
    "project_rank": "effective rank of the projection",
    "project_spread": "spread of the dimensions of the projection",
    "lidar": "LiDAR",
    "mse": "squared error per pixel",
    "train_loss": "loss on training images",
    "val_loss": "loss on validation images",
    "spread": "spread of the dimensions",
    "alignment": "alignment",
    "uniformity": "uniformity",
    "trustworthiness": "trustworthiness",
    **{f"{arm}.test_accuracy": f"accuracy, {arms.spoken(title)}" for arm, title in arms.titles().items()},
}


class Source(BaseModel, frozen=True, extra="forbid"):
    """A number and where it stands: `study`, `data` and `arm`, or `model`, or `run: own`."""

    number: Number = "knn"
    study: str = ""
    data: str = ""
    arm: str = ""
    model: str = ""
    run: str = ""
    map: str = ""  # of a model on `data`, the projection whose trustworthiness is read
    label: str = Field("", max_length=40)  # what it is called in the picture, if not by its own name
    baseline: str = ""  # of a model or a run, the scores of a baseline beside it: Raw pixels, Untrained …

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        if sum(map(bool, (self.study, self.model, self.run))) != 1:
            raise ValueError("name one place to read from: a study, a model, or 'run: own'")
        if self.study and not (self.data and self.arm):
            raise ValueError("a study's number needs its data and its arm")
        if self.map and not (self.model and self.data):
            raise ValueError("a map's number needs its model and its data")
        if self.run not in ("", OWN):
            raise ValueError(f"'run: {OWN}' is the only run that a lesson knows")
        return self


class Measured(NamedTuple):
    """A number as it was measured: one value for each seed, or one value from so many images."""

    label: str
    values: dict[int, float]  # by seed; a value without a seed under 0
    n: int = 0  # images of which it is a share; 0 = it is none
    seeded: bool = False  # whether the values are those of several trainings
    where: str = ""  # the source, in words
    protocol: str = ""  # of a study's row
    of: str = ""  # the arm, the run or the baseline itself, whatever it is called in a picture

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return mean(self.values.values())

    @property
    def interval(self) -> tuple[float, float]:
        """Lowest and highest seed, or the 95 % interval of a share; a number alone has none."""
        if self.seeded:
            return min(self.values.values()), max(self.values.values())
        margin = statistics.margin(self.mean, self.n) if self.n else 0.0
        return self.mean - margin, self.mean + margin


def title(number: str) -> str:
    """A number's name for people."""
    return titles().get(number) or number.replace("_", " ").replace(".", ": ")


def titles() -> dict[str, str]:
    """The numbers that a lesson knows, and what they are called: first those of the probes."""
    return {name: probe.accuracy or probe.title for name, probe in PROBES.items()} | TITLES


def heading(number: str) -> str:
    """A number's name, and which values of it are better."""
    which = better(number)
    return f"{title(number)} ({which} is better)" if which else title(number)


def better(number: str) -> str:
    """Which values of a number are better, higher or lower; empty where neither is by itself."""
    if probe := probe_of(number):
        return probe.better
    last = number.rpartition(".")[2]
    return "lower" if last in LOWER_IS_BETTER else "higher" if last.startswith(HIGHER_IS_BETTER) else ""


def is_share(number: str) -> bool:
    """Whether a number is a share of images, and so shown in percent."""
    probe = probe_of(number)
    return bool(probe.accuracy) if probe else number.rpartition(".")[2].startswith(SHARES)


def probe_of(number: str) -> Probe | None:
    """The probe whose number it is: of linear, linear_10, linear_at and untrained_linear the same."""
    last = number.rpartition(".")[2].removeprefix("untrained_")
    return PROBES.get(max(filter(last.startswith, PROBES), key=len, default=""))


def measured(source: Source, own: Run | None = None) -> Measured | None:
    """The number as it was measured; None while the student's own run has not ended.

    Raises `Refused` where there is no such study, arm, model or number.
    """
    if source.study:
        found = of_arm(source.study, source.data, source.arm, source.number)
    elif source.map:
        found = of_map(source.model, source.data, source.map, source.number)
    elif source.model:
        found = of_run(runs.get(source.model), source.number, source.baseline)
    elif own is None or not numbers_of(own):
        return None
    else:
        found = of_run(own, source.number, source.baseline)
        images = f", {found.n:,} test images" if found.n else ""
        found = found._replace(where=f"your run, seed {own.spec.seed}{images}")
    return found._replace(label=source.label or found.label)


def of_arm(study: str, data: str, arm: str, number: str) -> Measured:
    """A number of one arm of a study, a value for each seed."""
    there = rows(study, data, arm)
    values = {seed: value for seed, row in there.items() if (value := dig(row, number)) is not None}
    if not values:
        raise Refused(f"no number '{number}' of the arm '{arm}' in the study {study} on {data}: choose another number")
    seeded = len(values) > 1
    where = f"study {study} on {data}, {seeds(list(values))}"
    return Measured(arm, values, 0, seeded, where, _protocol(next(iter(there.values()))), arm)


def seeds(of: Sequence[int]) -> str:
    """How many trainings, and with which seeds."""
    listed = ", ".join(map(str, of))
    return f"n = {len(of)} seeds ({listed})" if len(of) > 1 else "one training"


def rows(study: str, data: str, arm: str) -> dict[int, dict[str, Any]]:
    """The rows of an arm by seed, on the protocol that has most seeds; of several of one seed the last.

    What was measured before a method's defaults changed is left out.
    """
    place = results.place(study, data)
    if not place.exists():
        there = [each for each in results.studies() if results.datasets(each)]
        choose("study", study, dict.fromkeys(there))
        choose(f"data set of the study {study}", data, dict.fromkeys(results.datasets(study)))
    every = [row for row in results.read(place, study, data) if "failed" not in row]
    choose(f"arm of the study {study}", arm, dict.fromkeys(row["arm"] for row in every))
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in every:
        if row["arm"] == arm:
            groups.setdefault(_protocol(row), []).append(row)
    present = [{row["seed"]: row for row in of if not results.outdated_defaults(row, of[-1])} for of in groups.values()]
    return dict(sorted(max(present, key=len).items()))


def _protocol(row: dict[str, Any]) -> str:
    """On which images and how long: rows of different protocols are never compared."""
    return f"{row['protocol']} {row['data']}"


def dig(row: Any, number: str) -> float | None:
    """A number of nested fields: `frozen.test_accuracy`; None where it is not there, or no number."""
    for name in number.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return float(row) if isinstance(row, int | float) and not isinstance(row, bool) else None


def numbers_of(run: Run) -> dict[str, Any]:
    """The scores of a run and the last values of its curves, of a map its trustworthiness; empty where none are."""
    if run.spec.kind == "map" and (stored := run.result()):
        return {"trustworthiness": float(stored["trustworthiness"])}
    if not (scores := run.scores()):
        return {}
    curves = {name: row[name] for row in run.metrics() for name in CURVES if name in row}
    return {**curves, **scores}


def of_map(model: str, data: str, how: str, number: str) -> Measured:
    """A number of the stored map of a model with the options that a map has unless others are chosen."""
    run = runs.find(runs.address(request.request("map", model, data, how=how)))
    if run is None:
        raise Refused(f"no map '{how}' of {model} on {data} comes with the project: choose another one")
    return of_run(run, number)


def of_run(run: Run, number: str, baseline: str = "") -> Measured:
    """A number of a model's scores, or of a baseline beside it."""
    scores = numbers_of(run)
    part = choose(f"baseline of {run.id}", baseline, scores.get("references", {})) if baseline else scores
    value = dig(part, number)
    if value is None:
        numbers = ", ".join(name for name in part if isinstance(part[name], float)) or "none"
        raise Refused(f"no number '{number}' among the scores of {run.id}: it has {numbers}")
    n = int(part.get("n_test") or scores.get("n_test") or 0) if is_share(number) else 0
    where = f"{run.title}, {n:,} test images" if n else run.title
    return Measured(baseline or run.title, {run.spec.seed: value}, n, where=where, of=baseline or run.id)
