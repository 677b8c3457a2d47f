"""Making a finished run one of the models that come with the project: small, complete, with its maps."""

import shutil
from pathlib import Path

import numpy as np

from explorer import Refused, data, runs
from explorer.jobs import requests
from explorer.jobs.work import mapped
from explorer.project import PROJECTIONS
from explorer.runs import Run, Spec

KEPT = ("spec.json", "status.json", "metrics.jsonl", "scores.json", "model.safetensors")
FRAMES = 12  # at most, evenly chosen


def ship(id: str, name: str) -> Path:
    """Copy run `id` to the shipped model `name`, and draw all its maps; raises `Refused` unless it is done."""
    run, folder = runs.get(id), runs.SHIPPED / name
    if run.spec.kind != "train" or run.status.state != "done":
        raise Refused(
            f"{id} is a {run.spec.kind} job that is {run.status.state}; only a training that is done can be shipped"
        )
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "frames").mkdir(parents=True)
    for file in KEPT:
        shutil.copy(run.folder / file, folder / file)
    steps = run.frames()
    for step in {steps[round(i)] for i in np.linspace(0, len(steps) - 1, min(FRAMES, len(steps)))}:
        with np.load(run.folder / "frames" / f"{step:06d}.npz") as frame:
            np.savez_compressed(folder / "frames" / f"{step:06d}.npz", **frame)
    for how in PROJECTIONS:
        draw(requests.chart(name, run.spec.dataset, how))
    return folder


def draw(spec: Spec) -> None:
    """Store a map where a request for the same map finds it."""
    made = Run(runs.SHIPPED / runs.address(spec))
    made.folder.mkdir(parents=True, exist_ok=True)
    made.write_json("spec.json", spec.model_dump())
    made.write_json("status.json", runs.Status(state="done").model_dump())
    made.write_result(**mapped(spec.model, data.load(spec.dataset), **spec.params, seed=spec.seed))
