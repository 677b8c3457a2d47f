"""What a story says in words and numbers: its spec, status, curve and scores, each checked before it is believed."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from explorer import reading
from explorer.errors import Refused
from explorer.runs import Spec, Status
from explorer.runs.records import LATEST, FromTheFuture, format_of, readable, upgraded
from explorer.tasks.stories.archive import AGAIN
from explorer.tasks.stories.layout import ABOUT, FORMAT, FRAMES, ROWS, WORDS

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
HASH = re.compile(r"[0-9a-f]{64}")
NUMBERS = {"knn", "linear", "majority_share", "knn_chance", "seconds", "train_seconds"}  # of scores
DEVICE = re.compile(r"[A-Za-z0-9 ,.:×()@/+_-]{0,80}")  # "NVIDIA H100", "2 × cpu, 4 threads"
MOST = 10**12  # steps, images or any other count
TEXTS = {"data"}  # fields of the curve that are no numbers: the hash of the images
LETTERS, NAMES = 400, 200  # of a text in a record; fields of a row


class About(BaseModel, frozen=True, extra="forbid", strict=True):
    """`story.json`: what the story is about, and the SHA-256 of every other file."""

    format: int
    id: str
    title: str
    words: str
    spec: dict[str, Any]
    status: dict[str, Any]
    data: dict[str, str]  # name and title of the data set
    classes: list[str]
    files: dict[str, str]
    digest: str = ""  # SHA-256 of the zip that it was opened from; empty in a zip


def about(content: bytes, name: str) -> About:
    """What `story.json` says; raises `Refused` where it is of another version or says what cannot be."""
    fields = mapping(content, name, ABOUT)
    with _read(name, ABOUT):
        format_of(fields, name, FORMAT)
        found = About.model_validate(fields)
    classes = [each for each in found.classes if each.isprintable() and 0 < len(each) <= 80]
    good = NAME.fullmatch(found.id) and set(found.data) == {"name", "title"}
    texts = [(found.words, WORDS), *((it, LETTERS) for it in found.data.values())]
    good = good and all(text.isprintable() and len(text) <= most for text, most in texts)
    if not good or len(classes) != len(found.classes) or not 1 <= len(classes) <= 1000:
        raise Refused(f"{name} has names or words that are too long or cannot be: {AGAIN}")
    if len(found.files) > FRAMES + 5 or not all(HASH.fullmatch(it) for it in found.files.values()):
        raise Refused(f"{name} has a list of files that cannot be: {AGAIN}")
    return found


def spec(found: About, name: str) -> Spec:
    """What was trained: a training of a method that there is, with hyperparameters that it takes; raises `Refused`."""
    from explorer.methods import METHODS

    made = _validated(Spec, found.spec, name, "spec")
    if made.kind != "train" or made.models or made.params or not NAME.fullmatch(made.dataset):
        raise Refused(f"{name} is about no training: {AGAIN}")
    cls = METHODS.choose(str(made.method))
    train = cls.training(made.train)
    hyperparameters = cls.hyperparameters(made.hyperparameters)
    _check_numbers(found.spec, name, "spec")
    lists = {key: value for key, value in made.train.items() if isinstance(value, list)}
    listed = [str(it) for part in lists.values() for it in part]
    texts = [*made.versions.values(), *made.versions, made.created, *listed]
    if len(texts) > NAMES or any(len(text) > LETTERS or not text.isprintable() for text in texts):
        raise Refused(f"{name} has a spec with texts that cannot be: {AGAIN}")
    return made.model_copy(
        update={
            "title": readable(found.title) or found.id, "user": "", "group": "", "lesson": "",
            "pool": "training",
            "train": train.model_dump(mode="json"), "hyperparameters": hyperparameters.model_dump(mode="json"),
            "parent": made.parent if made.parent and NAME.fullmatch(made.parent) else None,
        }
    )  # fmt: skip


def status(found: About, name: str) -> Status:
    """How the training ended; raises `Refused` where it has not."""
    made = _validated(Status, found.status, name, "status")
    counts = made.step, made.steps, made.images, made.attempts, made.epoch, made.rate
    if not made.final or min(counts) < 0:
        raise Refused(f"{name} is of a training that has not ended: {AGAIN}")
    times = made.heartbeat, made.started or 0.0, made.finished or 0.0
    if max(counts) > MOST or min(times) < 0 or max(times) > LATEST:
        raise Refused(f"{name} has a status with counts or times that cannot be: {AGAIN}")
    _check_numbers(found.status, name, "status")
    if not DEVICE.fullmatch(made.device):
        raise Refused(f"{name} has a device whose name cannot be: {AGAIN}")
    return made.model_copy(update=sentences(made))


def sentences(status: Status) -> dict[str, str]:
    """What a status says in words, each in one line that can be shown; what it does not say is left out."""
    said = {key: getattr(status, key) for key in ("message", "cause", "caveat", "error")}
    return {key: readable(text, LETTERS) for key, text in said.items() if text}


def rows(content: bytes, name: str) -> list[dict[str, Any]]:
    """The curve; raises `Refused` where a row is none."""
    lines = content.split(b"\n")
    if len(lines) > ROWS + 1:
        raise Refused(f"{name} has {len(lines):,} rows of metrics, and {ROWS:,} are taken: {AGAIN}")
    found = []
    for line in filter(None, lines):
        row = mapping(line, name, "metrics.jsonl")
        flat = all(isinstance(it, str if key in TEXTS else bool | int | float) for key, it in row.items())
        steps = type(row.get("step")) is int and 0 <= row["step"] <= MOST
        if not flat or not steps or len(row) > NAMES:
            raise Refused(f"{name} has a row of metrics that is none: {AGAIN}")
        _check_numbers(row, name, "metrics")
        found.append(row)
    return found


def scores(content: bytes, name: str) -> dict[str, Any]:
    """The scores; raises `Refused` where those that a page shows are no numbers."""
    found = mapping(content, name, "scores.json")
    counts = [found.get("n_test"), found.get("n_train")]
    if not all(type(n) is int and n > 0 for n in counts):
        raise Refused(f"{name} has scores of no images: {AGAIN}")
    references = found.get("references", {})
    good = isinstance(references, dict) and all(isinstance(it, dict) for it in references.values())
    for each in (found, *(references.values() if good else ())):
        good = good and all(isinstance(each[key], int | float) for key in NUMBERS & set(each))
        good = good and all(isinstance(each.get(key, {}), dict) for key in ("balanced_accuracy", "per_class"))
    if not good:
        raise Refused(f"{name} has scores that are no numbers: {AGAIN}")
    _check_numbers(found, name, "scores")
    return found


def mapping(content: bytes, name: str, part: str) -> dict[str, Any]:
    """The fields of a JSON text; raises `Refused`."""
    try:
        found = reading.value(content)
    except reading.Damaged as error:
        raise Refused(f"{name} has a {part} that cannot be read ({error}): {AGAIN}") from None
    if not isinstance(found, dict):
        raise Refused(f"{name} has a {part} that holds no fields: {AGAIN}")
    return found


def finite(value: Any) -> Any:
    """The same without the numbers of mappings that are none: those of a training that has diverged."""
    if isinstance(value, Mapping):
        return {key: finite(it) for key, it in value.items() if not (isinstance(it, float) and not math.isfinite(it))}
    return value


def _validated(model: type[Any], fields: dict[str, Any], name: str, part: str) -> Any:
    with _read(name, part):
        known = {key: it for key, it in upgraded(fields, name).items() if key in model.model_fields}
        return model.model_validate({**known, "format": model.model_fields["format"].default})


@contextmanager
def _read(name: str, part: str) -> Iterator[None]:
    """Raises `Refused` where a record of a story is of another version or says what cannot be."""
    try:
        yield
    except FromTheFuture:
        raise
    except ValidationError as error:
        first = error.errors()[0]
        why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise Refused(f"{name} has a {part} that cannot be read ({why}): {AGAIN}") from None
    except ValueError as error:
        raise Refused(f"{name} has a {part} that cannot be read ({error}): {AGAIN}") from None


def _check_numbers(value: Any, name: str, part: str) -> None:
    """Raises `Refused` where a number is none, or a text is as long as no text there is."""
    if isinstance(value, dict):
        for key in value:
            _check_numbers(key, name, part)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_numbers(each, name, part)
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused(f"{name} has {part} with values that are no numbers: {AGAIN}")
    if isinstance(value, str) and (len(value) > 4 * LETTERS or not value.isprintable()):
        raise Refused(f"{name} has {part} with texts that cannot be shown: {AGAIN}")
