"""Comparing two to four models on the same images: neighbours, similarity beyond chance, and who is right where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.data.dataset import BANK_ROWS, PROBE_ROWS
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import compare_report, map_rows
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model

MOST = 2000  # images: the comparison of all pairs of images is held in memory


class Config(Options):
    """Options of a comparison."""

    neighbours: int = Field(10, ge=1, le=200, description="nearest neighbours of each image that are compared")
    n: int = Field(PROBE_ROWS, ge=4, le=MOST, description="images, balanced over classes, those of a map of as many")
    split: Literal["auto", "train", "validation", "test", "all"] = Field(
        "auto", description="whose images, as of a map"
    )
    labels: int = Field(
        BANK_ROWS, ge=2, le=10**9, description="labelled training images that kNN and linear probe learn from"
    )
    permutations: int = Field(
        200, ge=20, le=5000, description="permutations of the images that give the level of chance"
    )
    seed: int = Field(0, ge=0, lt=2**31, description="seed of the permutations")


@task("Comparison")
class Compare(Task):
    """Compare two to four models: images whose neighbours change, similarity beyond chance, and who is right where."""

    Config = Config
    models = (2, 4)
    result = None
    page = "compare"

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which models on what."""
        return f"{', '.join(map(str, refs))} on {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Compare them; the arrays of all images are stored beside the numbers."""
        from explorer.evaluation.comparison import summary

        run.update(message="computing the features", device=inputs.device)
        dataset = inputs.dataset
        chosen = map_rows.choose_rows(dataset, cfg.n, cfg.split)
        bank, why = labelled(dataset, chosen, cfg.labels)
        known = np.isin(chosen.y, dataset.splits["train"].y[bank])
        splits = np.array(map_rows.SPLITS)[chosen.split]
        images = summary.Images(chosen.rows, splits, chosen.y, dataset.classes, known)
        members = []
        for ref, model in zip(run.spec.models, inputs.models, strict=True):
            if run.stop_requested():
                return
            members.append(member(ref, model, dataset, chosen, bank))
        options = summary.Options(cfg.neighbours, cfg.permutations, cfg.seed)
        numbers, arrays = summary.summary(members, images, options, lambda text: run.update(message=text))
        run.write_result(**arrays)
        about = {"n": len(chosen.rows), "splits": sorted(set(images.split.tolist())), "labels": len(bank)}
        said = [*chosen.notes, *filter(None, [why]), *numbers.pop("notes")]
        run.write_scores({**about, "classes": list(dataset.classes), **numbers, "notes": said})

    def report(self, run: Run) -> Report:
        """Tables of similarity, of change by class, of agreement, and the images that changed most."""
        scores, cfg = run.scores() or {}, self.config(run.spec)
        about = {"dataset": run.spec.dataset, "options": cfg.model_dump()}
        return compare_report.lines(scores, cfg.neighbours), about | scores


def labelled(dataset: DataSet, compared: map_rows.Rows, labels: int) -> tuple[np.ndarray, str]:
    """Training rows whose labels the probes learn from, without those that are compared; none, and why not, where
    there are not two classes of them. Images of a class without any are judged by no probe, and that is said.
    """
    rows = dataset.chosen("train", (), labels)[0]
    rows = np.setdiff1d(rows, compared.rows[compared.split == map_rows.SPLITS.index("train")])
    taught, asked = np.unique(dataset.splits["train"].y[rows]), np.unique(compared.y)
    if len(np.intersect1d(taught, asked)) > 1:
        return rows, _unjudged(compared, np.setdiff1d(asked, taught))
    left = "no training images of two classes are left" if len(dataset.classes) > 1 else "there is one class only"
    return rows[:0], f"{left}, so nobody is right or wrong about a class: kNN and linear probe are left out"


def _unjudged(compared: map_rows.Rows, classes: np.ndarray) -> str:
    """What is said of the images of these classes, of which no label is left to learn from; nothing without any."""
    n = int(np.isin(compared.y, classes).sum())
    many = "1 class" if len(classes) == 1 else f"{len(classes)} classes"
    left = f"no labelled training images of {many} are left to learn from"
    return f"{left}, so kNN and linear probe are not asked about their {n:,} images: compare fewer" if n else ""


def member(ref: str, model: Model, dataset: DataSet, chosen: map_rows.Rows, bank: np.ndarray) -> object:
    """A model with its features of the compared images, those of its network before training, and what it names."""
    from explorer.evaluation.comparison.summary import Member
    from explorer.evaluation.probes import PROBES, Features
    from explorer.models import loading

    z, parsed = map_rows.features(model, dataset, chosen), ModelRef.parse(ref)
    before = parsed.untrained
    untrained = z if parsed.never_trained else None  # of imported vectors nobody knows what was before
    if before:
        untrained = map_rows.features(loading.load(before, dataset), dataset, chosen)
    named = {}
    if len(bank):
        known = Features(model.features(dataset, "train", bank), dataset.splits["train"].y[bank])
        measured = {name: probe.measured(known, Features(z, chosen.y)) for name, probe in PROBES.items()}
        named = {name: each.predicted for name, each in measured.items() if each.predicted is not None}
    return Member(ref, z, untrained, named)
