"""Wishes to train: a new run, a run that goes on, a run like another but for some knobs, and several at once."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from explorer import Refused, choose
from explorer.jobs.requests.common import known_data, known_training, spec
from explorer.runs import Run, Spec
from explorer.runs.records import TITLE

MOST = 50  # runs of one sweep
DIVERGED = re.compile(r" became (nan|-?inf) at step \d")  # the sentence of a training that gives up


def train(
    method: str,
    dataset: str,
    knobs: Mapping[str, Any],
    training: Mapping[str, Any],
    title: str = "",
    parent: str = "",
) -> Spec:
    """Train `method` on `dataset`; raises `Refused` where a knob, the data or their meeting is not allowed.

    With a `parent` it is that run's clone: it begins anew, and `differences` tells which knobs are others.
    """
    from explorer.core import DataSpec
    from explorer.methods import METHODS
    from explorer.models import check_fit

    cls = METHODS.choose(method)
    config, cfg, entry = cls.knobs(knobs), cls.training(training), known_data(dataset)
    for name in cfg.classes:
        if entry.classes:
            choose(f"class of {dataset}", name, dict.fromkeys(entry.classes))
    if len(set(cfg.classes)) == 1:
        raise Refused(
            f"one class alone ({cfg.classes[0]}) cannot be told from anything: choose two or more, or none for all"
        )
    classes = entry.classes or ("?",)
    most = cfg.subset  # images to learn from; 0 = as many as there are, which is not known here
    check_fit(method, config, cfg, DataSpec(dataset, entry.channels or 3, cfg.size or entry.size, classes, most))
    kin = {"parent": known_training(parent).id, "relation": "clone"} if parent else {}
    return spec(
        "train", title or called(method, config, entry.title), dataset, cfg.seed,
        method=method, knobs=config.model_dump(mode="json"), train=cfg.model_dump(mode="json"), **kin,
    )  # fmt: skip


def called(method: str, config: Any, data: str, skip: Iterable[str] = ()) -> str:
    """What a training is called to which nobody gives a name: it says what is broken on purpose, but for `skip`."""
    from explorer.methods import METHODS

    cls = METHODS.choose(method)
    name, broken = cls.info.title, [knob for knob in config.broken() if knob not in skip]
    full = f"{' '.join([name, *_breakage(config, broken)])} on {data}"
    return full if len(full) <= TITLE else f"{name} with {len(broken)} knobs broken on {data}"


def _breakage(config: Any, knobs: Iterable[str]) -> list[str]:
    """Broken knobs in words: without predictor and stop gradient, with momentum 0."""
    values = {knob.replace("_", " "): getattr(config, knob) for knob in knobs}
    off = [name for name, value in values.items() if value is False]
    at = [name if value is True else f"{name} {_shown(value)}" for name, value in values.items() if value is not False]
    said = [f"{word} {' and '.join(names)}" for word, names in (("without", off), ("with", at)) if names]
    return [", ".join(said)] if said else []


def continued(id: str, epochs: int = 0) -> Spec:
    """Train on from where the run ended: to the end it was to have (0), or that many epochs further.

    The learning rate's schedule spans all epochs of the new run. A cosine that had come down therefore rises again to
    where it stands at that share of the longer run; with 0 epochs more the run ends as if it had never been stopped.
    """
    run = known_training(id)
    before = run.spec
    _check_end(run, epochs)
    try:
        wish = train(before.method, before.dataset, *_known(before, before.train["epochs"] + epochs))
    except Refused as refused:
        total = f" ({before.train['epochs']} behind it and {epochs} more)" if epochs else ""
        raise Refused(f"{id} cannot go on{total}: {refused}") from None
    ending = " continued"
    title = run.title.removesuffix(ending)[: TITLE - len(ending)] + ending
    return wish.model_copy(update={"title": title, "parent": id, "relation": "continue"})


def broken(spec: Spec) -> dict[str, str]:
    """The knobs of a training that stand where they break its method on purpose, and what happens then.

    None of a method that there is no more, or whose knobs are not allowed any more.
    """
    config = _config(spec)
    return config.broken() if config else {}


def healed(spec: Spec) -> Spec | None:
    """The same with every broken knob at its default; None where nothing is broken."""
    config = _config(spec)
    if config is None or not config.broken():
        return None
    return spec.model_copy(update={"knobs": config.healed().model_dump(mode="json")})


def healthy_twin(id: str) -> Spec:
    """Train the same from the same seed, with every broken knob at its default; raises `Refused` if none is broken."""
    from explorer.core import TrainConfig
    from explorer.models import still_known

    run = known_training(id)
    cured = healed(run.spec)
    if cured is None:
        raise Refused(f"{id} is not broken on purpose, so no knob is to be healed: clone it instead")
    wish = train(cured.method, cured.dataset, cured.knobs, still_known(TrainConfig, cured.train), parent=id)
    title, ending = run.title, ", healthy twin"
    if title == called(cured.method, _config(run.spec), known_data(cured.dataset).title):
        title = wish.title  # of a name that says what is broken, the twin takes what is true of it
    return wish.model_copy(update={"title": title[: TITLE - len(ending)] + ending})


def twins(run: Run, among: Iterable[Run]) -> list[Run]:
    """The runs that differ from this one in broken knobs alone: its healthy twins or, of a healthy one, its broken.

    The newest first, but before them what was made from this run, or this from it.
    """
    sick = healed(run.spec) is not None

    def twin(other: Run) -> bool:
        healthy, cured = (other.spec, healed(run.spec)) if sick else (run.spec, healed(other.spec))
        return cured is not None and not differences(healthy, cured)

    def kin(other: Run) -> tuple[bool, float]:
        return other.spec.parent == run.id or run.spec.parent == other.id, other.created

    return sorted(filter(twin, (it for it in among if _alike(it, run))), key=kin, reverse=True)


def _alike(one: Run, other: Run) -> bool:
    """Whether two runs may be twins at all: quickly told, of each of some hundreds."""
    what = ("kind", "method", "dataset", "seed")
    return one.id != other.id and all(getattr(one.spec, name) == getattr(other.spec, name) for name in what)


def _config(spec: Spec) -> Any:
    """The knobs of a training's method as they are known today; None where they cannot be read."""
    from explorer.methods import METHODS
    from explorer.models import still_known

    if (cls := METHODS.get(str(spec.method))) is None:
        return None
    with suppress(Refused):
        return cls.knobs(still_known(cls.Config, spec.knobs))
    return None


def resumable(run: Run) -> bool:
    """Whether going on with an ended training is worth offering; whether its checkpoint is intact is seen then.

    What failed because a loss or a weight became no number would only come to the same step again: it needs a clone.
    """
    status = run.status
    diverged = status.state == "failed" and bool(DIVERGED.search(status.error or ""))
    return not run.shipped and status.final and run.has_weights("last") and not diverged


def _check_end(run: Run, epochs: int) -> None:
    """Raises `Refused` where there is nothing that could go on."""
    state = run.status.state
    if epochs < 0:
        raise Refused(f"epochs={epochs} is negative: give the number of epochs to train on, or 0 to go on to the end")
    if not run.status.final:
        raise Refused(f"{run.id} is {state}: stop it first, or wait for its end, and continue it then")
    if state == "done" and not epochs:
        raise Refused(f"{run.id} is done: say how many epochs more it shall train")
    if run.shipped or run.checkpoint() is None:
        raise Refused(f"{run.id} left no checkpoint to go on from: clone it, which begins anew")


def _known(before: Spec, epochs: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The knobs of an older run that there still are, with other epochs."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from explorer.models import still_known

    knobs = still_known(METHODS.choose(before.method).Config, before.knobs)
    return knobs, {**still_known(TrainConfig, before.train), "epochs": epochs}


def sweep(
    method: str,
    dataset: str,
    knobs: Mapping[str, Any],
    training: Mapping[str, Any],
    knob: str,
    values: Sequence[Any],
    parent: str = "",
) -> list[Spec]:
    """A training for each value of one knob; raises `Refused` if a single one of them is not allowed."""
    from explorer.methods import METHODS

    own, name = _placed(method, knob)
    if not 2 <= len(values) <= MOST:
        has = "no value" if not values else "one value" if len(values) == 1 else f"{len(values)} values"
        raise Refused(f"{has} of {knob} cannot be a set of trainings: give 2 to {MOST}")
    wishes = []
    for value in values:
        changed = ({**knobs, name: value}, training) if own else (knobs, {**training, name: value})
        wishes.append(train(method, dataset, *changed, parent=parent))
    shown = [_shown((wish.knobs if own else wish.train)[name]) for wish in wishes]
    if twice := next((text for i, text in enumerate(shown) if text in shown[:i]), None):
        raise Refused(f"{knob}={twice} is there twice: give each value once")
    group = f"sweep-{secrets.token_hex(6)}"
    cls, title = METHODS.choose(method), known_data(dataset).title
    names = [called(method, cls.knobs(wish.knobs), title, skip=(name,) if own else ()) for wish in wishes]
    titles = [f", {knob} {text}" for text in shown]
    return [
        wish.model_copy(update={"group": group, "title": base[: TITLE - len(more)] + more})
        for wish, base, more in zip(wishes, names, titles, strict=True)
    ]


def _placed(method: str, knob: str) -> tuple[bool, str]:
    """Whether a knob is the method's own, and its name; one that a training has too is called METHOD-KNOB."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    own, every = METHODS.choose(method).Config.model_fields, TrainConfig.model_fields
    places = {
        **{f"{method}-{name}": (True, name) for name in own if name in every},
        **{name: (True, name) for name in own},
        **{name: (False, name) for name in every},
    }
    return choose(f"knob of {method}", knob, places)


def _shown(value: Any) -> str:
    """A knob's value in a title."""
    if isinstance(value, list | tuple):
        return "+".join(map(_shown, value))[:40] or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)


def differences(spec: Spec, parent: Spec) -> dict[str, tuple[Any, Any]]:
    """What is not the same in two trainings, by knob: (the parent's, the spec's).

    A knob that only one of them knows (of another version) has its default in the other. Knobs of two methods are not
    compared; a knob of the method that a training has too is called METHOD-KNOB.
    """
    pairs: dict[str, tuple[Any, Any]] = {name: (getattr(parent, name), getattr(spec, name)) for name in _WHAT}
    if spec.method == parent.method:
        for name, pair in _paired(parent.knobs, spec.knobs, str(spec.method)).items():
            pairs[f"{spec.method}-{name}" if name in spec.train else name] = pair
    pairs |= _paired(parent.train, spec.train, "")
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


_WHAT = ("method", "dataset")


def _paired(old: dict[str, Any], new: dict[str, Any], method: str) -> dict[str, tuple[Any, Any]]:
    """Each knob's two values."""
    if old.keys() != new.keys():
        defaults = _defaults(method)
        old, new = {**defaults, **old}, {**defaults, **new}
    return {name: (old[name], new[name]) for name in new if name in old}


def _defaults(method: str) -> dict[str, Any]:
    """The defaults of a method's own knobs, or of the knobs of every training; imports torch."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    config = METHODS.choose(method).Config if method else TrainConfig
    properties = config.model_json_schema()["properties"]
    return {name: knob["default"] for name, knob in properties.items() if "default" in knob}
