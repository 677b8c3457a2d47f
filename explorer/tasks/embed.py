"""Storing a model's features of a split, for people who go on with them elsewhere."""

from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.data import DataSet
from explorer.data.dataset import balanced, numpy_generator
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task

if TYPE_CHECKING:
    from explorer.models.model import Model

AT_ONCE = 500  # images, as everywhere: larger or smaller chunks could change the last bits


class Config(Options):
    """Options of stored features."""

    split: Literal["train", "validation", "test"] = Field("test", description="split whose features are stored")
    n: int = Field(0, ge=0, le=10**9, description="images, balanced over classes; 0 = all images")


@task("Features")
class Embed(Task):
    """Write a model's features of a split to a file, with row numbers, labels and class names."""

    Config = Config
    download = True
    page = "embeddings"

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Whose features, and of what."""
        return f"Features of {refs[0]}, {cfg.split} of {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Store features `[N, D]` with their rows in the split, their labels and the classes' names."""
        dataset, y = inputs.dataset, inputs.dataset.splits[cfg.split].y
        rows = balanced(y, cfg.n, numpy_generator(dataset.source, "embed")) if cfg.n else np.arange(len(y))
        run.update(steps=len(rows), message="computing the features", device=inputs.device)
        parts = list(parts_of(run, inputs.model, dataset, cfg.split, rows))
        if len(parts) < len(chunks(rows)):
            return  # a stop was asked for
        run.write_result(features=np.concatenate(parts), rows=rows, y=y[rows], classes=np.array(dataset.classes))

    def report(self, run: Run) -> Report:
        """How many features of what size."""
        n, dim = run.result()["features"].shape
        about = {"model": run.spec.model, "dataset": run.spec.dataset, "split": run.spec.params["split"]}
        return [f"{n} images, {dim} features each"], {**about, "n": n, "dim": dim}


def parts_of(run: Run, model: "Model", dataset: DataSet, split: str, rows: np.ndarray) -> Iterator[np.ndarray]:
    """The features chunk by chunk, until a stop is asked for; the run's status follows."""
    start, done, last = perf_counter(), 0, 0.0
    for chunk in chunks(rows):
        if run.stop_requested():
            return
        yield model.features(dataset, split, chunk)
        done += len(chunk)
        if perf_counter() - last > 0.3 or done == len(rows):
            last = perf_counter()
            run.update(step=done, images=done, rate=done / (last - start))


def chunks(rows: np.ndarray) -> list[np.ndarray]:
    """The rows in the portions in which a model is given them."""
    return [rows[i : i + AT_ONCE] for i in range(0, len(rows), AT_ONCE)]
