"""The features of a model as a job: those of a split, for people who go on with them elsewhere."""

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from explorer.data import Images
from explorer.data.dataset import balanced, numpy_generator
from explorer.models import devices, loading
from explorer.models.devices import describe
from explorer.models.model import Model
from explorer.runs import Run
from explorer.tasks.inputs import load, use_threads

AT_ONCE = 500  # images, as everywhere: larger or smaller chunks could change the last bits


def embed(run: Run) -> None:
    """Store features `[N, D]` with their rows in the split, their labels and the classes' names."""
    use_threads(0)
    asked = run.spec.params
    dataset = load(run, run.spec.dataset, asked.get("size", 0))
    images = dataset.splits[asked["split"]]
    rows = np.arange(len(images.y))
    if asked["n"]:
        rows = balanced(images.y, asked["n"], numpy_generator(dataset.source, "embed"))
    model = loading.load(run.spec.model, dataset)
    run.update(steps=len(rows), message="computing the features", device=describe(devices.device()))
    parts = list(parts_of(run, model, images, rows))
    if len(parts) < len(chunks(rows)):
        return  # a stop was asked for
    features = np.concatenate(parts)
    run.write_result(features=features, rows=rows, y=images.y[rows], classes=np.array(dataset.classes))


def parts_of(run: Run, model: Model, images: Images, rows: np.ndarray) -> Iterator[np.ndarray]:
    """The features chunk by chunk, until a stop is asked for; the run's status follows."""
    start, done, told = perf_counter(), 0, 0.0
    for chunk in chunks(rows):
        if run.stop_requested():
            return
        yield model.embed(images.x[chunk])
        done += len(chunk)
        if perf_counter() - told > 0.3 or done == len(rows):
            told = perf_counter()
            run.update(step=done, images=done, rate=done / (told - start))


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """The rows in the portions in which a model is given them."""
    return [rows[i : i + AT_ONCE] for i in range(0, len(rows), AT_ONCE)]
