"""The report card of a model: the eight desiderata of a representation, with plain references beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.data.dataset import BANK_ROWS, PROBE_ROWS, balanced, numpy_generator
from explorer.data.vectors import store
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import report_lines
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report as Lines
from explorer.tasks.task import Task, task

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.evaluation.desiderata import Subject

REFERENCES = ("pixels", "pca")
INDEPENDENT = 1000  # seed of the untrained encoder that is the independent space: no model here has it


class Config(Options):
    """Options of a report card."""

    split: Literal["validation", "test"] = Field("validation", description="images on which it is measured")
    n: int = Field(PROBE_ROWS, ge=20, le=5000, description="of these so many, balanced over classes")
    labels: int = Field(BANK_ROWS, ge=20, le=20_000, description="labelled training images, balanced over classes")
    tree: str = Field("", description="tree of the classes, such as ((cat, dog), (car, truck)); empty = a known one")
    seed: int = Field(0, ge=0, lt=2**31, description="seed of k-means, of draws of labels and of pairs of images")


@task("Report card")
class Report(Task):
    """Measure the eight desiderata of a representation, beside raw pixels, PCA and the untrained network."""

    Config = Config
    result = None
    page = "compare"

    def check(self, refs: Sequence[ModelRef], entry: Any, cfg: Config) -> None:
        """Raises `Refused` for a text that is no tree."""
        from explorer.evaluation import class_tree

        if cfg.tree:
            class_tree.parse(cfg.tree)

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Whose, on what."""
        return f"Report card of {refs[0]} on {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Measure all of them."""
        from explorer.evaluation import report_card

        run.update(message="computing the features", device=inputs.device)
        dataset, model = inputs.dataset, str(run.spec.model)
        columns = list(dict.fromkeys([model, *references(model, dataset)]))
        subjects = [subject(ref, dataset, cfg) for ref in columns]
        card = report_card.card(subjects, lambda title: run.update(message=title))
        n, labels = len(subjects[0].queries.y), len(subjects[0].bank.y)
        run.write_scores({"columns": columns, "n": n, "labels": labels, "desiderata": card})

    def report(self, run: Run) -> Lines:
        """A table with a row for each number, and what could not be measured."""
        scores = run.scores() or {}
        about = {"model": run.spec.model, "dataset": run.spec.dataset, "options": self.config(run.spec).model_dump()}
        return report_lines.lines(scores), about | scores


def references(model: str, dataset: DataSet) -> list[str]:
    """What stands beside a model: raw pixels, PCA, and its network before training, or else an untrained encoder."""
    if dataset.modality != "image":
        before = ModelRef.parse(model).untrained
        return [str(before)] if before else []
    return [*REFERENCES, str(ModelRef.parse(model).untrained or "untrained")]


def subject(ref: str, dataset: DataSet, cfg: Config) -> Subject:
    """A model with its features, and all that is known of the images."""
    from explorer.evaluation import class_tree
    from explorer.evaluation.desiderata import Subject
    from explorer.evaluation.probes.registry import Features
    from explorer.models import loading

    model = loading.load(ref, dataset)
    rows = {"train": dataset.chosen("train", (), cfg.labels)[0]}
    rows[cfg.split] = measured_rows(dataset, cfg)
    bank, queries = (Features(np.asarray(model.features(dataset, split, at)), dataset.splits[split].y[at])
                     for split, at in rows.items())  # fmt: skip
    known, asked = (factors(dataset, split, at) for split, at in rows.items())
    pictures: dict[str, Any] = {}
    if dataset.modality == "image":
        there, shown = (np.asarray(dataset.splits[split].x[at]) for split, at in rows.items())
        pictures = {"bank_images": there, "images": shown, "space": independent_space(dataset)}
    tree = cfg.tree or class_tree.KNOWN.get(dataset.name, "")
    decode = model.decode if model.can_decode else None
    return Subject(
        ref, bank, queries, dataset.classes, known, asked, **pictures, decode=decode, tree=tree, seed=cfg.seed
    )


def measured_rows(dataset: DataSet, cfg: Config) -> np.ndarray:
    """The rows of the split on which it is measured, in their order."""
    return balanced(dataset.splits[cfg.split].y, cfg.n, numpy_generator(dataset.source, "map"))


def factors(dataset: DataSet, split: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    """What the images were drawn from; the columns that came along with finished vectors are none."""
    found = dataset.splits[split].factors
    return {} if store.ROW in found else {name: values[rows] for name, values in found.items()}


def independent_space(dataset: DataSet) -> Any:
    """The features of an untrained convolutional encoder that nothing here began as."""
    from explorer.core import TrainConfig
    from explorer.models.build import untrained_encoder

    cfg = TrainConfig.read({"encoder": "conv", "seed": INDEPENDENT}, "training")
    return untrained_encoder("untrained", "Independent space", dataset, cfg).embed
