"""Making a finished run one of the models that come with the project: small, complete, with its card and its maps.

`spec.json` · `status.json` · `metrics.jsonl` (thinned) · `model.safetensors` (half precision) · `frames/` (few, slim) ·
`scores.json` and `card.json` (computed from these weights) · `unfolding.npz` (a map of each frame); its maps lie beside
its folder.
"""

import hashlib
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import probes
from explorer.models import kind, weights
from explorer.models.model import Network
from explorer.models.reference import ModelRef
from explorer.runs import Run, metrics, store
from explorer.runs.checkpoints import RESUME
from explorer.runs.run import json_bytes
from explorer.system.machine import processor
from explorer.tasks import evaluate
from explorer.tasks.publish import card, frames, maps
from explorer.tasks.training import checkpointing

NEEDED = ("spec.json", "status.json", "metrics.jsonl", "scores.json")
WEIGHTS = "model.safetensors"
CURVE = 300  # rows of the curve that are kept, besides those of epochs and frames


def publish(id: str, name: str, shows: str = "") -> Path:
    """Make run `id` the shipped model `name`; `shows` says in a sentence what it shows. Raises `Refused`.

    All of it is written in a hidden folder, which only then takes the place of an older model of that name.
    """
    run, place = check(id, name)
    dataset = data.load(run.spec.dataset, run.spec.train.get("size") or 0)
    embedded = data.catalogue()[dataset.name].kind == "embedded"  # others' pictures are not given away, nor their maps
    new = store.SHIPPED / f".new-{secrets.token_hex(8)}"
    try:
        shares = copy(run, new / name, pictures=embedded)
        model = weights.load_run(ModelRef.parse(name), Run(new / name, shipped=True))
        scores = measured(model, run, new / name, dataset)
        write(new / name, card.NAME, described(run, name, shows, dataset, scores, shares, new / name).model_dump())
        if embedded:
            maps.draw_all(model, run, name, dataset, new)
            maps.unfold(Run(new / name), dataset)
        remove(place)
        for folder in new.iterdir():
            folder.rename(store.SHIPPED / folder.name)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return place


def check(id: str, name: str) -> tuple[Run, Path]:
    """The run and where it shall stand; raises `Refused` where one of the names is not allowed."""
    run, place = runs.get(id), store.SHIPPED / runs.checked_id(name)
    status = run.status
    if run.spec.kind != "train" or status.state != "done":
        raise Refused(
            f"{id} is a {run.spec.kind} job that is {status.state}; only a training that is done can be shipped"
        )
    if missing := [file for file in NEEDED if not (run.folder / file).exists()]:
        raise Refused(f"{id} has no {missing[0]}; only a complete training can be shipped")
    if run.weights() is None:
        raise Refused(f"{id} has no intact weights; only a complete training can be shipped")
    if run.shipped and name == id:
        raise Refused(f"{id} is shipped already; name a run of your own, or another name after --as")
    if kind.named(name):
        raise Refused(f"'{name}' is the name of a kind of model; choose another name than {', '.join(kind.KINDS)}")
    if name != id and (runs.root() / name).exists():
        raise Refused(f"there is a run '{name}' already, which would hide the model; choose another name")
    if place.exists() and Run(place).spec.kind != "train":
        raise Refused(f"'{name}' is a {Run(place).spec.kind} that is shipped; choose another name")
    return run, place


def copy(run: Run, folder: Path, pictures: bool) -> dict[int, float]:
    """The files that a model needs, made small; returns the share of variance that each frame keeps."""
    (folder / "frames").mkdir(parents=True)
    spec = run.spec.model_copy(update={"title": run.title, "user": ""})
    write(folder, "spec.json", spec.model_dump())
    shutil.copy(run.folder / "status.json", folder / "status.json")
    kept, shares = frames.slim(run, pictures)
    for step, frame in kept.items():
        np.savez_compressed(folder / "frames" / f"{step:06d}.npz", **frame)
    (folder / "metrics.jsonl").write_bytes(b"".join(map(metrics.encode, thinned(run.metrics()))))
    (folder / WEIGHTS).write_bytes(weights.in_half(run.weights()))
    return shares


def thinned(rows: list[metrics.Row]) -> list[metrics.Row]:
    """All rows of epochs and frames, and of the curve between them, which says its pace, every so-many-th."""
    curve = [i for i, row in enumerate(rows) if "rate" in row]
    kept = {curve[round(i)] for i in np.linspace(0, len(curve) - 1, min(CURVE, len(curve)))} if curve else set()
    return [row for i, row in enumerate(rows) if "rate" not in row or i in kept]


def measured(model: Network, run: Run, folder: Path, dataset: DataSet) -> dict[str, Any]:
    """Scores of these very weights and of their references, written beside them."""
    classes = tuple(run.spec.train.get("classes", ()))
    untrained = weights.load_run(ModelRef.parse(f"{folder.name}@0"), Run(folder, shipped=True))
    scores: dict[str, Any] = probes.evaluate(model, dataset, classes=classes)
    scores["train_seconds"] = (run.scores() or {}).get("train_seconds", 0.0)
    plain = {title: evaluate.scores_of(ref, dataset, classes=classes) for ref, title in evaluate.PLAIN.items()}
    scores["references"] = {"Untrained": probes.evaluate(untrained, dataset, classes=classes), **plain}
    write(folder, "scores.json", scores)
    return scores


def described(
    run: Run, name: str, shows: str, dataset: DataSet, scores: dict[str, Any], shares: dict[int, float], folder: Path
) -> card.Card:
    """The card of the model in this folder."""
    spec, entry = run.spec, data.catalogue()[dataset.name]
    some = Run(folder).frame(min(shares))
    images = len(dataset.select("train", spec.train.get("classes", ()), spec.train.get("subset", 0))[1])
    return card.Card(
        name=name, title=run.title, shows=shows or f"{run.title}.",
        data=card.CardData(
            name=dataset.name, title=dataset.title, hash=dataset.hash, source=source(entry), train=images
        ),
        method=spec.method, hyperparameters=spec.hyperparameters, train=spec.train, seed=spec.seed,
        command=card.command(spec), hardware=re.sub(r"\bcpu\b", processor(), run.status.device),
        seconds=scores["train_seconds"], core_seconds=core_seconds(run),
        n=scores["n_test"], scores=scores, against=card.verdicts(scores),
        measured=card.in_words(scores),
        weights=hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
        frames=card.CardFrames(rows=len(some["rows"]), components=some["features"].shape[1], variance=shares),
        versions=spec.versions,
    )  # fmt: skip


def source(entry: data.Entry) -> str:
    """Citation and licence of a data set, and which file stood in for the published ones."""
    stands_in = entry.path is not None and entry.kind in ("zip", "folder")
    return f"{entry.source}, read from {entry.path.name}" if stands_in else entry.source


def core_seconds(run: Run) -> float:
    """What the training took of the processor, as its last checkpoint says."""
    folder = run.checkpoint()
    if folder is None or not (folder / RESUME).exists():
        return 0.0
    state = checkpointing.read(folder, torch.device("cpu"))
    return round(state.get("course", {}).get("core_seconds", 0.0), 1)


def write(folder: Path, name: str, content: dict[str, Any]) -> None:
    """A JSON file that people can read."""
    (folder / name).write_bytes(json_bytes(content) + b"\n")


def remove(place: Path) -> None:
    """Take an older model of that name out of sight, and then delete it with all results about it."""
    results = [run.folder for run in runs.listing(kind=None) if run.shipped and place.name in run.spec.models]
    for folder in [place, *results]:
        if folder.exists():
            shutil.rmtree(folder.rename(folder.with_name(f".gone-{secrets.token_hex(8)}")))
