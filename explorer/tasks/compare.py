"""Comparing two to four models on the same images: neighbours, similarity beyond chance, and who is right where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import Field

from explorer.config import Config as Options
from explorer.data.dataset import BANK_ROWS, PROBE_ROWS
from explorer.errors import Refused
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import compare_report, compare_rows, map_rows
from explorer.tasks.compare_rows import Every, Source
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task

if TYPE_CHECKING:
    from explorer.data import DataSet

MOST = 2000  # images: the comparison of all pairs of images is held in memory
LARGEST = 10**10  # pairs of images in all permutations of every two models: minutes of one core
NANOSECONDS = 25  # of one core for one of them, at 500 to 2,000 images


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
    version_keys = ("arrays",)

    def version(self, cfg: Config) -> dict[str, str]:
        """What is stored of each image: once neither its nearest images nor what it adds to a similarity."""
        return {"arrays": "2"}

    def check_data(self, ref: ModelRef, dataset: str) -> None:
        """Raises `Refused` for vectors of which nothing can say which of their rows are rows of this data set."""
        if not compare_rows.is_elsewhere(ref, dataset) or not compare_rows.may_be_common(ref.own_data, dataset):
            ref.check_data(dataset)

    def check(self, refs: Sequence[ModelRef], entry: Any, cfg: Config) -> None:
        """Raises `Refused` for a comparison that would take hours, most of them for the level of chance."""
        asked = work(cfg, len(refs))
        if asked > LARGEST:
            many = f"{cfg.permutations:,} permutations of {cfg.n:,} images for every two of {len(refs)} models"
            fit = int(cfg.permutations * LARGEST / asked)
            raise Refused(f"{many} would take about {seconds(cfg, len(refs)) / 60:,.0f} minutes: "
                          f"take at most {fit:,} permutations, or fewer images")  # fmt: skip

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which models on what."""
        return f"{', '.join(map(str, refs))} on {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Compare them; the arrays of all images are stored beside the numbers."""
        from explorer.evaluation.comparison import calibration, summary

        run.update(message="computing the features", device=inputs.device)
        dataset, pace = inputs.dataset, Pace(run, len(run.spec.models))
        found = [compare_rows.source(ref, dataset) for ref in run.spec.models]
        sources = [each for each, _ in found]
        chosen, there = compare_rows.choose(dataset, cfg.n, cfg.split, sources)
        bank, why = labelled(dataset, chosen, cfg.labels, there)
        known = np.isin(chosen.y, dataset.splits["train"].y[bank])
        splits = np.array(map_rows.SPLITS)[chosen.split]
        images = summary.Images(chosen.rows, splits, chosen.y, dataset.classes, known)
        members = []
        for ref, each in zip(run.spec.models, sources, strict=True):
            if pace.stops(f"computing the features of {ref}"):
                return
            members.append(member(ref, each, dataset, chosen, bank))
        options = summary.Options(cfg.neighbours, cfg.permutations, cfg.seed)
        try:
            numbers, arrays = summary.summary(members, images, options, pace.stops, run.stop_requested)
        except calibration.Interrupted:
            return
        run.write_result(**arrays)
        about = {"n": len(chosen.rows), "splits": sorted(set(images.split.tolist())), "labels": len(bank)}
        said = [*chosen.notes, *filter(None, [*(how for _, how in found), why]), *numbers.pop("notes")]
        run.write_scores({**about, "classes": list(dataset.classes), **numbers, "notes": said})

    def report(self, run: Run) -> Report:
        """Tables of similarity, of change by class, of agreement, and the images that changed most."""
        scores, cfg = run.scores() or {}, self.config(run.spec)
        about = {"dataset": run.spec.dataset, "options": cfg.model_dump()}
        return compare_report.lines(scores, cfg.neighbours), about | scores


def work(cfg: Config, models: int) -> int:
    """Pairs of images that the permutations of every two models look at."""
    return cfg.permutations * cfg.n**2 * (models * (models - 1) // 2)


def seconds(cfg: Config, models: int) -> float:
    """How long the permutations take on one core, those of the networks before training, too."""
    return work(cfg, models) * 2 * NANOSECONDS / 1e9


class Pace:
    """How far a comparison is: a step for each model, and one for each two of them."""

    def __init__(self, run: Run, models: int) -> None:
        self.run, self.steps, self.step = run, models + models * (models - 1) // 2, -1

    def stops(self, text: str) -> bool:
        """The next step begins; says whether it should not."""
        self.step += 1
        self.run.update(message=text, step=self.step, steps=self.steps)
        return self.run.stop_requested()


def labelled(
    dataset: DataSet, compared: map_rows.Rows, labels: int, there: np.ndarray | None = None
) -> tuple[np.ndarray, str]:
    """Training rows whose labels the probes learn from, without those that are compared; none, and why not, where
    there are not two classes of them. Images of a class without any are judged by no probe, and that is said.
    Of all rows those that are `there` alone, `bool [A]`.
    """
    rows = dataset.chosen("train", (), labels)[0]
    if there is not None:
        train = np.full(len(rows), map_rows.SPLITS.index("train"))
        rows = rows[there[Every.of(dataset).positions(train, rows)]]
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


def member(ref: str, source: Source, dataset: DataSet, chosen: map_rows.Rows, bank: np.ndarray) -> object:
    """A model with its features of the compared images, those of its network before training, and what it names."""
    from explorer.evaluation.comparison.summary import Member
    from explorer.evaluation.probes import PROBES, Features
    from explorer.models import loading

    every, parsed = Every.of(dataset), ModelRef.parse(ref)
    z = source.features(every, chosen.split, chosen.rows)
    before = parsed.untrained
    untrained = z if parsed.never_trained else None  # of imported vectors nobody knows what was before
    if before:
        untrained = map_rows.features(loading.load(before, dataset), dataset, chosen)
    named = {}
    if len(bank):
        train = np.full(len(bank), map_rows.SPLITS.index("train"))
        known = Features(source.features(every, train, bank), dataset.splits["train"].y[bank])
        measured = {name: probe.measured(known, Features(z, chosen.y)) for name, probe in PROBES.items()}
        named = {name: each.predicted for name, each in measured.items() if each.predicted is not None}
    return Member(ref, z, untrained, named)
