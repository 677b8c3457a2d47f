"""Where a measured number is read: a study's rows, a model's scores, or the student's own run. Never from a lesson."""

from collections.abc import Sequence
from statistics import mean
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, Field, model_validator

from explorer import runs
from explorer.benchmarks import results
from explorer.errors import Refused, choose
from explorer.evaluation import statistics
from explorer.runs import Run

Number = Annotated[str, Field(pattern=r"^[A-Za-z0-9_. ]{1,60}$")]  # a point leads into a part: frozen.test_accuracy
SHARES = ("knn", "linear", "accuracy", "test_accuracy")  # numbers that are a share of the images, by how they begin
OWN = "own"  # the run that the student has started in this lesson
TITLES = {
    "knn": "kNN accuracy",
    "linear": "linear probe",
    "linear_100": "linear probe, all labels",
    "linear_10": "linear probe, 10 % of the labels",
    "linear_1": "linear probe, 1 % of the labels",
    "accuracy": "accuracy of its own classifier",
    "rank": "effective rank",
    "mse": "squared error per pixel",
    "frozen.test_accuracy": "accuracy, frozen",
    "finetune.test_accuracy": "accuracy, fine-tuned",
    "scratch.test_accuracy": "accuracy, from scratch",
}


class Source(BaseModel, frozen=True, extra="forbid"):
    """A number and where it stands: `study`, `data` and `arm`, or `model`, or `run: own`."""

    number: Number = "knn"
    study: str = ""
    data: str = ""
    arm: str = ""
    model: str = ""
    run: str = ""
    baseline: str = ""  # of a model or a run, the scores of a baseline beside it: Raw pixels, Untrained …

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        if sum(map(bool, (self.study, self.model, self.run))) != 1:
            raise ValueError("name one place to read from: a study, a model, or 'run: own'")
        if self.study and not (self.data and self.arm):
            raise ValueError("a study's number needs its data and its arm")
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
    return TITLES.get(number) or number.replace("_", " ").replace(".", ": ")


def is_share(number: str) -> bool:
    """Whether a number is a share of images, and so shown in percent."""
    return number.rpartition(".")[2].startswith(SHARES) or number.startswith("linear_at")


def measured(source: Source, own: Run | None = None) -> Measured | None:
    """The number as it was measured; None while the student's own run has not ended.

    Raises `Refused` where there is no such study, arm, model or number.
    """
    if source.study:
        return of_arm(source.study, source.data, source.arm, source.number)
    if source.model:
        return of_run(runs.get(source.model), source.number, source.baseline)
    if own is None or not own.scores():
        return None
    return of_run(own, source.number, source.baseline)._replace(where="your run")


def of_arm(study: str, data: str, arm: str, number: str) -> Measured:
    """A number of one arm of a study, a value for each seed."""
    values = {seed: value for seed, row in rows(study, data, arm).items() if (value := dig(row, number)) is not None}
    if not values:
        raise Refused(f"no number '{number}' of the arm '{arm}' in the study {study} on {data}: choose another number")
    seeded = len(values) > 1
    where = f"study {study} on {data}, {seeds(list(values))}"
    return Measured(arm, values, 0, seeded, where)


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
    groups: dict[str, dict[int, dict[str, Any]]] = {}
    mine = [row for row in every if row["arm"] == arm]
    for row in mine:
        if not results.outdated_defaults(row, mine[-1]):
            groups.setdefault(f"{row['protocol']} {row['data']}", {})[row["seed"]] = row
    most = max(groups.values(), key=len)
    return dict(sorted(most.items()))


def dig(row: Any, number: str) -> float | None:
    """A number of nested fields: `frozen.test_accuracy`; None where it is not there, or no number."""
    for name in number.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return float(row) if isinstance(row, int | float) and not isinstance(row, bool) else None


def of_run(run: Run, number: str, baseline: str = "") -> Measured:
    """A number of a model's scores, or of a baseline beside it."""
    scores = run.scores() or {}
    part = choose(f"baseline of {run.id}", baseline, scores.get("references", {})) if baseline else scores
    value = dig(part, number)
    if value is None:
        numbers = ", ".join(name for name in part if isinstance(part[name], float)) or "none"
        raise Refused(f"no number '{number}' among the scores of {run.id}: it has {numbers}")
    n = int(part.get("n_test") or scores.get("n_test") or 0) if is_share(number) else 0
    where = f"{run.title}, {n:,} test images" if n else run.title
    return Measured(baseline or run.title, {run.spec.seed: value}, n, where=where)
