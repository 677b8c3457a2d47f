"""What may be asked of the engine: each function checks a wish completely and returns the spec that fulfils it.

Only wishes with knobs import torch: a page asks for a stored map before anything heavy is there.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from explorer import Refused, choose, data, runs
from explorer.project import PROJECTIONS
from explorer.references import REFERENCES
from explorer.runs import Run, Spec
from explorer.runs.records import TITLE


def known_data(name: str) -> data.Entry:
    """The data set's entry; raises `Refused` if it is unknown or not here yet."""
    entry = choose("data set", name, data.catalogue())
    if entry.problem:
        raise Refused(entry.problem)
    if not entry.available:
        raise Refused(
            f"{name} is not on this machine yet: download it on the Data page, or set EXPLORER_DATA to its folder"
        )
    return entry


def train(method: str, dataset: str, knobs: Mapping[str, Any], training: Mapping[str, Any], title: str = "") -> Spec:
    """Train `method` on `dataset`; raises `Refused` where a knob, the data or their meeting is not allowed."""
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
    check_fit(method, cfg, DataSpec(dataset, entry.channels or 3, cfg.size or entry.size, classes, 0))
    return spec(
        "train", title or f"{cls.info.title} on {entry.title}", dataset, cfg.seed,
        method=method, knobs=config.model_dump(mode="json"), train=cfg.model_dump(mode="json"),
    )  # fmt: skip


def chart(model: str, dataset: str, how: str, seed: int = 0, n: int = 1000, neighbours: int = 10) -> Spec:
    """Draw a map of a model's features on the probe images of `dataset`."""
    projection, entry = choose("projection", how, PROJECTIONS), known_data(dataset)
    params = {"how": how, "n": n, "neighbours": neighbours, **origin(model, dataset)}
    return spec("map", f"{projection.title} of {model}, {entry.title}", dataset, seed, model=model, params=params)


def transfer(model: str, dataset: str, knobs: Mapping[str, Any]) -> Spec:
    """Take a model's encoder to `dataset`."""
    from explorer.transfer import TransferConfig

    cfg, entry = TransferConfig.read(knobs, "transfer"), known_data(dataset)
    params = {**cfg.model_dump(mode="json", exclude={"seed"}), **origin(model, dataset)}
    return spec("transfer", f"{model} to {entry.title}", dataset, cfg.seed, model=model, params=params)


def evaluate(model: str, dataset: str, labels: int = 10_000) -> Spec:
    """Probe a model on `dataset`."""
    entry = known_data(dataset)
    params = {"labels": labels, **origin(model, dataset)}
    return spec("evaluate", f"{model} on {entry.title}", dataset, 0, model=model, params=params)


def origin(model: str, dataset: str) -> dict[str, str]:
    """What a result is made of, in its address: the files of the data, the run, and its step while it still learns."""
    name, made = model.partition("@")[0], ""
    if name.partition(":")[0] not in REFERENCES:
        run = runs.get(name)
        made = run.spec.created if run.status.final else f"{run.spec.created} {run.status.step}"
    return {"origin": sha256(f"{data.fingerprint(dataset)} {made}".encode()).hexdigest()[:16]}


def wish(run: Run) -> dict[str, Any]:
    """What was asked for, without what it was asked of: that only makes the address of the result."""
    return {name: value for name, value in run.spec.params.items() if name != "origin"}


def spec(kind: str, title: str, dataset: str, seed: int, **more: Any) -> Spec:
    """The spec under a title that is not too long."""
    return Spec(kind=kind, title=title[:TITLE], dataset=dataset, seed=seed, **more)
