"""The maps that come with a model: they lie where a request for the same map finds them, so they appear at once."""

import time
from datetime import datetime
from pathlib import Path

import numpy as np

from explorer import runs
from explorer.data import DataSet
from explorer.evaluation import unfolding
from explorer.evaluation.projections import PROJECTIONS
from explorer.models import devices
from explorer.models.model import Model
from explorer.runs import Run, Spec, Status, atomic
from explorer.runs.records import FORMAT, TITLE
from explorer.tasks.map import draw
from explorer.tasks.request import request
from explorer.tasks.task import TASKS

LEFT_OUT = ("features",)  # which the model computes again


def draw_all(model: Model, run: Run, name: str, dataset: DataSet, new: Path) -> None:
    """Every projection with its default settings, as the Embeddings page asks for them."""
    for how in PROJECTIONS:
        store(model, name, request("map", run.id, dataset.name, how=how), dataset, new)


def unfold(run: Run, dataset: DataSet) -> None:
    """Write beside the frames of a model a map of each of them."""
    frames = {step: run.frame(step) for step in run.frames()}
    rows = next(iter(frames.values()))["rows"]
    content = unfolding.as_bytes(frames, dataset.splits["validation"].x[rows])
    atomic.replace(run.folder / unfolding.FILE, content)


def store(model: Model, name: str, asked: Spec, dataset: DataSet, new: Path) -> None:
    """Draw one map, and write it under the address that a request about the shipped model has."""
    started = time.time()
    title = f"{PROJECTIONS[asked.params['how']].title} of {name}, {dataset.title}"[:TITLE]
    now = datetime.now().astimezone().isoformat(timespec="microseconds")
    spec = asked.model_copy(update={"models": (name,), "title": title, "created": now, "versions": runs.versions()})
    result = Run(new / runs.address(spec))
    result.folder.mkdir()
    result.write_json("spec.json", spec.model_dump())
    drawn = draw(model, dataset, TASKS["map"].config(spec))
    kept = {key: array for key, array in drawn.items() if key not in LEFT_OUT}
    np.savez_compressed(result.folder / "result.npz", **kept, format=FORMAT)
    ended, device = time.time(), devices.describe(devices.device())
    status = Status(state="done", attempts=1, started=started, finished=ended, heartbeat=ended, device=device)
    result.write_json("status.json", status.model_dump())
