"""What a job does once it has a process of its own: train, evaluate, map, transfer, embed, export."""

from collections.abc import Callable
from typing import Any

import numpy as np

from explorer import choose, runs
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.evaluation.projections import nearest, project
from explorer.evaluation.transfer import TransferConfig, transfer
from explorer.models import devices, loading
from explorer.models.devices import describe, half
from explorer.runs import Run
from explorer.tasks.embed import embed
from explorer.tasks.evaluate import evaluated
from explorer.tasks.export import export
from explorer.tasks.inputs import load, use_threads
from explorer.tasks.requests import wish
from explorer.tasks.training.task import train


def perform(run: Run) -> None:
    """Do what the spec says; returns early when a stop is requested, raises `Refused` where it cannot be met."""
    looked_at = runs.find((run.spec.model or "").partition("@")[0])
    if looked_at and (damage := looked_at.damage()):
        run.update(caveat=f"about an older checkpoint: {damage}")
    choose("kind of job", run.spec.kind, WORK)(run)


def evaluate(run: Run) -> None:
    """kNN and linear accuracy of any model on any data set."""
    use_threads(0)
    dataset = load(run, run.spec.dataset, run.spec.params.get("size", 0))
    run.write_scores(evaluated(run.spec.model, dataset, **wish(run)))


def draw(run: Run) -> None:
    """The map of a model's features of the probe set."""
    use_threads(0)
    dataset = load(run, run.spec.dataset, run.spec.params.get("size", 0))
    run.update(message="drawing the map", device=describe(devices.device()))
    run.write_result(**mapped(run.spec.model, dataset, **wish(run), seed=run.spec.seed))


def mapped(
    ref: str, dataset: DataSet, how: str, n: int = 1000, neighbours: int = 10, seed: int = 0
) -> dict[str, np.ndarray]:
    """A map of `n` probe images in balance: coordinates, neighbours in the space of features, time, trustworthiness."""
    images, rows = dataset.splits["validation"], dataset.probe()[0]
    rows = rows[balanced(images.y[rows], n, numpy_generator(dataset.source, "map"))]
    features = loading.load(ref, dataset).embed(images.x[rows])
    made = project(features, how, seed, neighbours)
    return {
        "coords": made.coords, "rows": rows, "y": images.y[rows], "neighbours": nearest(features),
        "seconds": np.float32(made.seconds), "trustworthiness": np.float32(made.trustworthiness),
        "features": half(features),
    }  # fmt: skip


def move(run: Run) -> None:
    """Take a model's encoder to another data set."""
    use_threads(0)
    cfg = TransferConfig.read({**wish(run), "seed": run.spec.seed}, "transfer")
    dataset = load(run, run.spec.dataset, run.spec.params.get("size", 0))
    run.rewind(-1)  # an attempt that was interrupted begins anew
    run.update(steps=cfg.epochs, message="", device=describe(devices.device()))
    scores: dict[str, Any] = {}
    for row in transfer(loading.load(run.spec.model, dataset), dataset, cfg):
        if run.stop_requested():
            return
        if "test_accuracy" in row:
            scores[row["arm"]] = {"test_accuracy": row["test_accuracy"]}
        else:
            run.append(row)
            run.update(step=row["epoch"], epoch=row["epoch"])
    run.write_scores(scores | {"n_test": len(dataset.splits["test"].y)})


WORK: dict[str, Callable[[Run], None]] = {
    "train": train, "evaluate": evaluate, "map": draw, "transfer": move, "embed": embed, "export": export,
}  # fmt: skip
