"""Making a finished run one of the models that come with the project: small, complete, with its maps."""

import secrets
import shutil
import time
from datetime import datetime
from pathlib import Path

import numpy as np

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation.projections import PROJECTIONS
from explorer.models import kind
from explorer.runs import Run, Spec, Status, store
from explorer.runs.records import TITLE
from explorer.tasks.map import draw as draw_map
from explorer.tasks.request import request
from explorer.tasks.task import TASKS

KEPT = ("spec.json", "status.json", "metrics.jsonl", "scores.json")
KEPT_IF_THERE = ("title.txt",)
WEIGHTS = {"last": "model.safetensors", "best": "best.safetensors"}  # lie in the folder itself
FRAMES = 12  # at most, evenly chosen


def publish(id: str, name: str) -> Path:
    """Copy run `id` to the shipped model `name`, and draw all its maps; raises `Refused` unless it is done.

    All of it is written in a hidden folder, which only then takes the place of an older model of that name.
    """
    run, place = check(id, name)
    new = store.SHIPPED / f".new-{secrets.token_hex(8)}"
    try:
        copy(run, new / name)
        dataset = data.load(run.spec.dataset)
        for how in PROJECTIONS:
            draw(run, name, request("map", id, run.spec.dataset, how=how), dataset, new)
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
    if missing := [file for file in KEPT if not (run.folder / file).exists()]:
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


def copy(run: Run, folder: Path) -> None:
    """The files that a model needs, and some of its frames, compressed."""
    (folder / "frames").mkdir(parents=True)
    for file in [*KEPT, *(file for file in KEPT_IF_THERE if (run.folder / file).exists())]:
        shutil.copy(run.folder / file, folder / file)
    for which, file in WEIGHTS.items():
        if path := run.weights(which):
            shutil.copy(path, folder / file)
    steps = run.frames()
    for step in {steps[round(i)] for i in np.linspace(0, len(steps) - 1, min(FRAMES, len(steps)))}:
        np.savez_compressed(folder / "frames" / f"{step:06d}.npz", **run.frame(step))


def draw(run: Run, name: str, asked: Spec, dataset: DataSet, new: Path) -> None:
    """Store a map of the run where a request for the same map of the shipped model will find it."""
    from explorer.models import devices, loading

    started = time.time()
    title = f"{PROJECTIONS[asked.params['how']].title} of {name}, {dataset.title}"[:TITLE]
    now = datetime.now().astimezone().isoformat(timespec="microseconds")
    spec = asked.model_copy(update={"models": (name,), "title": title, "created": now, "versions": runs.versions()})
    result = Run(new / runs.address(spec))
    result.folder.mkdir()
    result.write_json("spec.json", spec.model_dump())
    result.write_result(**draw_map(loading.load(run.id), dataset, TASKS["map"].config(spec)))
    ended, device = time.time(), devices.describe(devices.device())
    status = Status(state="done", attempts=1, started=started, finished=ended, heartbeat=ended, device=device)
    result.write_json("status.json", status.model_dump())


def remove(place: Path) -> None:
    """Take an older model of that name out of sight, and then delete it with all results about it."""
    results = [run.folder for run in runs.listing(kind=None) if run.shipped and place.name in run.spec.models]
    for folder in [place, *results]:
        if folder.exists():
            shutil.rmtree(folder.rename(folder.with_name(f".gone-{secrets.token_hex(8)}")))
