"""What a run is asked to do (`Spec`, written once) and how far it has come (`Status`, replaced as it goes).

Both files carry a `format` number. Older records are upgraded when they are read; one from the future is refused.
"""

import math
import re
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ValidationError, model_validator

from explorer import Refused, reading

FORMAT = 2  # of the records: 1 said `knobs`, `model` and `turn`, and named no pool
Pool = Literal["training", "interactive"]
Relation = Literal["", "continue", "clone"]
State = Literal["queued", "running", "interrupted", "done", "stopped", "failed"]
FINAL: frozenset[State] = frozenset({"done", "stopped", "failed"})
TITLE = 80  # characters
LATEST = 2.0**33  # seconds since 1970, in the year 2242: no run was created later
SPELLED_BEFORE = {"untrained": "random"}  # kinds of model in the addresses of results: they outlast a new name
RENAMED_SINCE_1 = {"knobs": "hyperparameters", "turn": "start_tag"}


class FromTheFuture(Refused):
    """A file of a format that only a newer Unfold knows."""

    def __init__(self, name: str, format: int, known: int) -> None:
        super().__init__(f"{name} has format {format}, and this Unfold reads up to {known}: open it with a newer one")


class Spec(BaseModel, frozen=True, extra="forbid"):
    """What a job shall do: enough to do it again."""

    format: int = FORMAT
    kind: str  # the name of its task
    pool: Pool = "interactive"  # of workers: trainings wait for each other, and nothing else waits for them
    title: str
    dataset: str
    method: str | None = None
    models: tuple[str, ...] = ()  # references of the models that other jobs than training look at
    hyperparameters: dict[str, Any] = {}
    train: dict[str, Any] = {}
    params: dict[str, Any] = {}
    seed: int = 0
    user: str = ""  # whose browser asked for it; "" = the command line
    parent: str | None = None  # the run that it came out of
    relation: Relation = ""  # how: goes on where that one ended, or starts anew with other hyperparameters
    group: str = ""  # the runs of one sweep have the same
    lesson: str = ""  # the lesson that it was started from; versions without lessons leave it aside
    created: str = ""  # ISO, with its offset; set when the folder is created
    versions: dict[str, str] = {}  # set when the folder is created

    @model_validator(mode="before")
    @classmethod
    def _training_has_a_pool_of_its_own(cls, fields: dict[str, Any]) -> dict[str, Any]:
        return {"pool": "training", **fields} if fields.get("kind") == "train" else fields

    @property
    def model(self) -> str | None:
        """The first of its models: most jobs look at one."""
        return next(iter(self.models), None)

    def looks_at(self, id: str) -> bool:
        """Whether the run of that id is one of its models, with any of its weights."""
        return any(run_name(ref) == id for ref in self.models)


class Status(BaseModel, frozen=True, extra="forbid"):
    """How far a job has come; `done`, `stopped` and `failed` never change."""

    format: int = FORMAT
    state: State = "queued"
    attempts: int = 0
    start_tag: float | None = None  # place in the fair queue, given once (`engine.fair_queue`)
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    images: int = 0
    rate: float = 0.0  # images per second
    heartbeat: float = 0.0  # time of the last update
    device: str = ""
    started: float | None = None
    finished: float | None = None
    error: str | None = None
    message: str = ""
    cause: str = ""  # why its last process was cut short
    caveat: str = ""  # a lasting note on this run: "not bit-exact: …", a damaged checkpoint

    @property
    def seconds_left(self) -> float | None:
        """How long the work will go on at its present pace; None while that is unknown."""
        if not (self.rate and self.step and self.steps > self.step):
            return None
        return self.images / self.step * (self.steps - self.step) / self.rate

    @property
    def final(self) -> bool:
        """Whether the job has ended, one way or another."""
        return self.state in FINAL


def checked_title(title: str) -> str:
    """The title without outer spaces; raises `Refused` unless it has 1-80 printable characters."""
    title = title.strip()
    if not 1 <= len(title) <= TITLE or not title.isprintable():
        mend = "shorten it" if len(title) > TITLE else "leave out what cannot be printed" if title else "give it one"
        raise Refused(f"a title has 1-{TITLE} printable characters, and '{title[:TITLE]}' has {len(title)}: {mend}")
    return title


def readable(text: str, most: int = TITLE) -> str:
    """What can be shown of a title or a text that was not checked: one line of so many printable characters."""
    return "".join(it if it.isprintable() else "\N{REPLACEMENT CHARACTER}" for it in text.strip()[:most])


def _moment(created: str) -> str:
    """A moment as it was written; empty for what is none, or none of this age of the world."""
    with suppress(ValueError, OverflowError):
        if 0 <= datetime.fromisoformat(created).timestamp() < LATEST:
            return created
    return ""


def read_spec(folder: Path) -> tuple[Spec, str | None]:
    """The spec in a folder and None, or a stand-in and a sentence that says what is wrong with the file.

    Fields that this version does not know are left aside, so that runs of other versions open.
    """
    try:
        spec = Spec.model_validate(_known(folder / "spec.json", Spec))
        return spec.model_copy(update={"title": readable(spec.title), "created": _moment(spec.created)}), None
    except (OSError, ValueError) as error:
        guess = re.match(r"([a-z_]+)-[0-9a-f]{16}$", folder.name)
        stand_in = Spec(kind=guess[1] if guess else "train", title=folder.name[:TITLE], dataset="unknown")
        return stand_in, _damage("spec.json", error)


def read_status(folder: Path) -> Status:
    """The status in a folder; a file that cannot be read is a failed run with a sentence."""
    try:
        fields = _known(folder / "status.json", Status)
        return Status.model_validate({name: it for name, it in fields.items() if not _infinite(it)})
    except (OSError, ValueError) as error:
        return Status(state="failed", error=_damage("status.json", error))


def _infinite(number: Any) -> bool:
    """Whether it is no number that a clock or a rate can have: the default stands for it."""
    return isinstance(number, float) and not math.isfinite(number)


def check_format(folder: Path) -> None:
    """Raises `FromTheFuture` where only a newer Unfold knows the records in a folder: those are not made anew."""
    for name, model in (("spec.json", Spec), ("status.json", Status)):
        try:
            _known(folder / name, model)
        except FromTheFuture:
            raise
        except (OSError, ValueError):  # damaged, which says less than it would take to keep it
            continue


def _known(path: Path, model: type[BaseModel]) -> dict[str, Any]:
    fields = upgraded(reading.fields(path), path.name)
    return {name: value for name, value in fields.items() if name in model.model_fields} | {"format": FORMAT}


def format_of(fields: dict[str, Any], file: str, known: int = FORMAT) -> int:
    """The number of a record's format; raises `ValueError` for what is none, and `FromTheFuture` above `known`."""
    number = fields.get("format", 1)
    if type(number) is not int:
        raise ValueError(f"its format is {number!r}, which is no number")
    if number > known:
        raise FromTheFuture(file, number, known)
    return number


def upgraded(fields: dict[str, Any], file: str) -> dict[str, Any]:
    """The fields of a record of any format that is known, under the names of today."""
    if format_of(fields, file) >= 2:
        return fields
    renamed = {RENAMED_SINCE_1.get(name, name): value for name, value in fields.items()}
    return {**renamed, "models": [fields["model"]] if fields.get("model") else []}


def run_name(ref: str) -> str:
    """The run that a reference names, without the weights: `digits-simclr` of `digits-simclr@best`.

    `models.reference` reads references of all kinds; this room is below it and asks for runs alone.
    """
    return ref.partition("@")[0]


def _damage(name: str, error: Exception) -> str:
    if isinstance(error, FromTheFuture):
        return str(error)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    else:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
    return f"The folder of this run is damaged: {name} cannot be read ({why}); delete the run or restore the file."
