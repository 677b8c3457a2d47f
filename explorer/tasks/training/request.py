"""Requests to train: a new run, a run that goes on, a run like another but for some hyperparameters, and a sweep."""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from explorer import Refused, choose, data
from explorer.runs import Run, Spec
from explorer.runs.records import TITLE
from explorer.tasks import titles
from explorer.tasks.lookup import known_data, known_hyperparameters, known_training

MOST = 50  # runs of one sweep
DIVERGED = re.compile(r" became (nan|-?inf) at step \d")  # the sentence of a training that gives up


def train(
    method: str,
    dataset: str,
    hyperparameters: Mapping[str, Any],
    training: Mapping[str, Any],
    title: str = "",
    parent: str = "",
) -> Spec:
    """Train `method` on `dataset`; raises `Refused` where a hyperparameter, the data or their meeting is not allowed.

    With a `parent` it is that run's clone: it begins anew, and `differences` tells which hyperparameters are others.
    """
    from explorer.methods import METHODS
    from explorer.models.build import check_fit

    cls = METHODS.choose(method)
    config, cfg, entry = cls.hyperparameters(hyperparameters), cls.training(training), known_data(dataset)
    for name in cfg.classes:
        if entry.classes:
            choose(f"class of {dataset}", name, dict.fromkeys(entry.classes))
    if len(set(cfg.classes)) == 1:
        raise Refused(
            f"a single class ({cfg.classes[0]}) cannot be told from others: choose two or more, or none for all"
        )
    check_fit(method, config, cfg, _images(entry, cfg))
    origin = {"parent": known_training(parent).id, "relation": "clone"} if parent else {}
    title = title or titles.automatic(method, config, entry.title)
    return Spec(
        kind="train", title=title[:TITLE], dataset=dataset, seed=cfg.seed, method=method,
        hyperparameters=config.model_dump(mode="json"), train=cfg.model_dump(mode="json"), **origin,
    )  # fmt: skip


def warning(spec: Spec) -> str:
    """What an allowed training does on its images that one would not expect, in a sentence; else empty.

    Empty for a training of another version that is not allowed any more, or whose data are gone.
    """
    from explorer.methods import METHODS
    from explorer.models.build import check_fit

    with suppress(Refused):
        cls, entry = METHODS.choose(str(spec.method)), known_data(spec.dataset)
        own, every = known_hyperparameters(spec)
        cfg = cls.training(every)
        return check_fit(cls.info.name, cls.hyperparameters(own), cfg, _images(entry, cfg))
    return ""


def slow_precision(spec: Spec) -> str:
    """What to expect where the chosen precision is slow on this machine; empty where another machine will train."""
    from explorer.models import bfloat16

    elsewhere = os.environ.get("EXPLORER_SCHEDULER")
    return "" if elsewhere else bfloat16.warning(spec.train.get("precision", "auto"))


def _images(entry: data.Entry, cfg: Any) -> Any:
    """The data of a training, as far as they are known before any is decoded: of how many it learns may be open."""
    from explorer.core import DataSpec

    return DataSpec.of(entry, entry.classes or ("?",), cfg.subset, cfg.size)


def continue_spec(id: str, epochs: int = 0) -> Spec:
    """Train on from where the run ended: to the end it was to have (0), or that many epochs further.

    The learning rate's schedule spans all epochs of the new run. A cosine that had come down therefore rises again to
    where it stands at that share of the longer run, and so does the share of its steps at half the resolution; with 0
    epochs more the run ends as if it had never been stopped.
    """
    run = known_training(id)
    before = run.spec
    _check_end(run, epochs)
    try:
        own, every = known_hyperparameters(before)
        spec = train(before.method, before.dataset, own, {**every, "epochs": before.train["epochs"] + epochs})
    except Refused as refused:
        total = f" ({before.train['epochs']} done and {epochs} more)" if epochs else ""
        raise Refused(f"{id} cannot be continued{total}: {refused}") from None
    title = titles.with_suffix(run.title.removesuffix(titles.CONTINUED), titles.CONTINUED)
    return spec.model_copy(update={"title": title, "parent": id, "relation": "continue"})


def resumable(run: Run) -> bool:
    """Whether going on with an ended training is worth offering; its checkpoint is verified only then.

    What failed because a loss or a weight became no number would only come to the same step again: it needs a clone.
    """
    status = run.status
    diverged = status.state == "failed" and bool(DIVERGED.search(status.error or ""))
    return not run.shipped and status.final and run.has_weights("last") and not diverged


def _check_end(run: Run, epochs: int) -> None:
    """Raises `Refused` where there is nothing that could go on."""
    state = run.status.state
    if epochs < 0:
        raise Refused(f"epochs={epochs} is negative: give the number of further epochs, or 0 for the planned end")
    if not run.status.final:
        raise Refused(f"{run.id} is {state}: stop it, or wait until it has ended, then continue it")
    if state == "done" and not epochs:
        raise Refused(f"{run.id} is done: give the number of further epochs")
    if run.shipped or run.checkpoint() is None:
        raise Refused(f"{run.id} has no checkpoint to continue from: clone it to start again")


def sweep(
    method: str,
    dataset: str,
    hyperparameters: Mapping[str, Any],
    training: Mapping[str, Any],
    hyperparameter: str,
    values: Sequence[Any],
    parent: str = "",
) -> list[Spec]:
    """A training for each value of one hyperparameter; raises `Refused` if a single one of them is not allowed."""
    from explorer.methods import METHODS

    own, name = _find_hyperparameter(method, hyperparameter)
    if not 2 <= len(values) <= MOST:
        has = "no value" if not values else "one value" if len(values) == 1 else f"{len(values)} values"
        raise Refused(f"{has} of {hyperparameter} cannot be swept: give 2 to {MOST}")
    specs = []
    for value in values:
        changed = ({**hyperparameters, name: value}, training) if own else (hyperparameters, {**training, name: value})
        specs.append(train(method, dataset, *changed, parent=parent))
    values_text = [titles.value_text((spec.hyperparameters if own else spec.train)[name]) for spec in specs]
    if twice := next((text for i, text in enumerate(values_text) if text in values_text[:i]), None):
        raise Refused(f"{hyperparameter}={twice} is given twice: give each value once")
    group = f"sweep-{secrets.token_hex(6)}"
    cls, title = METHODS.choose(method), known_data(dataset).title
    skip = (name,) if own else ()
    names = [titles.automatic(method, cls.hyperparameters(spec.hyperparameters), title, skip) for spec in specs]
    ends = [
        f", {titles.setting(hyperparameter, (spec.hyperparameters if own else spec.train)[name])}" for spec in specs
    ]
    named = [titles.with_suffix(*pair) for pair in zip(names, ends, strict=True)]
    return [spec.model_copy(update={"group": group, "title": it}) for spec, it in zip(specs, named, strict=True)]


def _find_hyperparameter(method: str, hyperparameter: str) -> tuple[bool, str]:
    """Whether a hyperparameter is the method's own, and its name; one that a training has too is called METHOD-NAME."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    own, every = METHODS.choose(method).Config.model_fields, TrainConfig.model_fields
    places = {
        **{f"{method}-{name}": (True, name) for name in own if name in every},
        **{name: (True, name) for name in own},
        **{name: (False, name) for name in every},
    }
    return choose(f"hyperparameter of {method}", hyperparameter, places)


def differences(spec: Spec, parent: Spec) -> dict[str, tuple[Any, Any]]:
    """What is not the same in two trainings, by hyperparameter: (the parent's, the spec's).

    A hyperparameter that only one of them knows (of another version) has its default in the other. Those of two methods
    are not compared; one of the method that a training has too is called METHOD-NAME.
    """
    pairs: dict[str, tuple[Any, Any]] = {name: (getattr(parent, name), getattr(spec, name)) for name in _WHAT}
    if spec.method == parent.method:
        for name, pair in _pairs(parent.hyperparameters, spec.hyperparameters, str(spec.method)).items():
            pairs[f"{spec.method}-{name}" if name in spec.train else name] = pair
    pairs |= _pairs(parent.train, spec.train, "")
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


_WHAT = ("method", "dataset")


def _pairs(old: dict[str, Any], new: dict[str, Any], method: str) -> dict[str, tuple[Any, Any]]:
    """Each hyperparameter's two values."""
    if old.keys() != new.keys():
        defaults = _defaults(method)
        old, new = {**defaults, **old}, {**defaults, **new}
    return {name: (old[name], new[name]) for name in new if name in old}


def _defaults(method: str) -> dict[str, Any]:
    """The defaults of a method's own hyperparameters, or of the hyperparameters of every training; imports torch."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    config = METHODS.choose(method).Config if method else TrainConfig
    properties = config.model_json_schema()["properties"]
    return {
        name: hyperparameter["default"] for name, hyperparameter in properties.items() if "default" in hyperparameter
    }
