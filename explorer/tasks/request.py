"""A request for a job: all that can be known before the data are decoded is checked here, and its result addressed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from explorer import data
from explorer.errors import Refused
from explorer.models.reference import ModelRef
from explorer.runs import Spec, address, find
from explorer.runs.records import TITLE
from explorer.tasks.lookup import known_data, known_training
from explorer.tasks.task import TASKS, Task


def request(name: str, models: str | Sequence[str], dataset: str = "", size: int = 0, **options: Any) -> Spec:
    """The spec of a job of the task `name` about these models, on this data set at this size (0: its own).

    Raises `Refused` with the first thing that is wrong: the task, an option, a model, the data, or their meeting.
    """
    task = TASKS.choose(name)
    if not task.by_request:
        raise Refused(f"{name} is about no model that there is: ask for it with its own command")
    cfg = task.Config.read(options, name)
    refs = [ModelRef.parse(text) for text in ([models] if isinstance(models, str) else models)]
    _check_number(task, refs)
    for ref in refs:
        if not task.takes_data:
            known_training(str(ref) if ref.run is None else ref.name)  # its data are those of a training
        if task.needs_weights:
            ref.check()
    entry = known_data(dataset) if task.takes_data else None
    if entry:
        data.check_size(entry, size)
        for ref in refs:
            task.check_data(ref, dataset)
    task.check(refs, entry, cfg)
    on = dataset if task.takes_data else refs[0].run.spec.dataset
    asked = {**task.asked(cfg), **({"size": size} if size else {})}
    spec = Spec(
        kind=name, pool=task.pool, title=task.title(refs, entry.title if entry else "", cfg)[:TITLE], dataset=on,
        models=tuple(map(str, refs)), seed=getattr(cfg, "seed", 0),
        params={**asked, **task.version(cfg), **_origin(task, refs, on)},
    )  # fmt: skip
    return _shipped(task, spec) or spec


def _shipped(task: Task, spec: Spec) -> Spec | None:
    """The same, as it was asked for before its results had a version, where that result comes with the project."""
    plain = {name: value for name, value in spec.params.items() if name not in task.version_keys}
    if plain == spec.params:
        return None
    before = spec.model_copy(update={"params": plain})
    stored = find(address(before))
    return before if stored and stored.shipped else None


def _check_number(task: Task, refs: Sequence[ModelRef]) -> None:
    least, most = task.models
    if not least <= len(refs) <= most:
        allowed = f"{least} to {most} models" if least < most else "one model" if most == 1 else f"{most} models"
        raise Refused(f"{task.name} is about {allowed}, and {len(refs)} were named")


def _origin(task: Task, refs: Sequence[ModelRef], dataset: str) -> dict[str, str]:
    """What a result is made of, in its address: the files of the data, and of a run its creation and its step."""
    origins = " ".join(ref.origin for ref in refs)
    try:
        return {"origin": sha256(f"{data.fingerprint(dataset)} {origins}".encode()).hexdigest()[:16]}
    except (Refused, OSError):
        if task.takes_data:
            raise
    return {"made": origins}  # the data may be gone: what needs none can be done all the same
