"""Wishes about a model that is there already. What one of them makes is addressed by its content."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from explorer import Refused, choose
from explorer.evaluation.projections import PROJECTIONS
from explorer.runs import Spec
from explorer.tasks.checks import known_data, known_model, known_training, origin, sized, spec

SPLITS = ("train", "validation", "test")


def chart(
    model: str, dataset: str, how: str, seed: int = 0, n: int = 1000, neighbours: int = 10, size: int = 0
) -> Spec:
    """Draw a map of a model's features on the probe images of `dataset`."""
    projection, entry = choose("projection", how, PROJECTIONS), known_data(dataset)
    params = {"how": how, "n": n, "neighbours": neighbours, **origin(known_model(model), dataset), **sized(size)}
    return spec("map", f"{projection.title} of {model}, {entry.title}", dataset, seed, models=(model,), params=params)


def transfer(model: str, dataset: str, hyperparameters: Mapping[str, Any], size: int = 0) -> Spec:
    """Take a model's encoder to `dataset`."""
    from explorer.evaluation.transfer import TransferConfig

    cfg, entry = TransferConfig.read(hyperparameters, "transfer"), known_data(dataset)
    params = {**cfg.model_dump(mode="json", exclude={"seed"}), **origin(known_model(model), dataset), **sized(size)}
    return spec("transfer", f"{model} to {entry.title}", dataset, cfg.seed, models=(model,), params=params)


def evaluate(model: str, dataset: str, labels: int = 10_000, size: int = 0) -> Spec:
    """Probe a model on `dataset`."""
    entry = known_data(dataset)
    params = {"labels": labels, **origin(known_model(model), dataset), **sized(size)}
    return spec("evaluate", f"{model} on {entry.title}", dataset, 0, models=(model,), params=params)


def embed(model: str, dataset: str, split: str = "test", n: int = 0, size: int = 0) -> Spec:
    """Store a model's features of a split of `dataset`: of all its images (n = 0), or of n in balance."""
    entry = known_data(dataset)
    choose("split", split, dict.fromkeys(SPLITS))
    if n < 0:
        raise Refused(f"n={n} is negative: give the number of images to embed, or 0 for all")
    params = {"split": split, "n": n, **origin(known_model(model), dataset), **sized(size)}
    return spec("embed", f"Features of {model}, {split} of {entry.title}", dataset, 0, models=(model,), params=params)


def export(id: str) -> Spec:
    """Pack all that a training has made into one archive; raises `Refused` unless it has ended and has weights."""
    run = known_training(id)
    if not run.status.final:
        raise Refused(f"{id} is {run.status.state}: stop it, or wait until it has ended, and export it then")
    known_model(id)
    params: dict[str, Any] = {"made": run.spec.created}
    with suppress(Refused, OSError):  # the data may be gone: everything else can be exported all the same
        params = origin(id, run.spec.dataset)
    return spec("export", f"Export of {run.title}", run.spec.dataset, 0, models=(id,), params=params)
