"""Scores on the test split: of any model when asked, of a finished run, and of its references (remembered)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from explorer import reading
from explorer.config import Config as Options
from explorer.data import DataSet, caveats
from explorer.data.kept import digest
from explorer.errors import Refused
from explorer.evaluation import balance, probes
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.system import caches
from explorer.system.folders import cache_root
from explorer.tasks import score_lines
from explorer.tasks.inputs import Inputs
from explorer.tasks.task import Report, Task, task

if TYPE_CHECKING:
    from explorer.core import TrainConfig
    from explorer.models.model import Model

PLAIN = {"pixels": "Raw pixels", "pca": "PCA of the pixels"}  # references that need no training
LABELS = 10_000  # training images with labels that a probe sees, unless it is asked for another number


class Config(Options):
    """Options of an evaluation."""

    labels: int = Field(LABELS, ge=2, le=10**9, description="labelled training images, balanced over classes")


@task("Evaluate")
class Evaluate(Task):
    """Evaluate a model's features on the test images: kNN accuracy and the accuracy of a linear probe."""

    Config = Config
    result = None

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """Which model on what."""
        return f"{refs[0]} on {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Probe it."""
        run.write_scores(scores_of(run.spec.model, inputs.dataset, cfg.labels))

    def report(self, run: Run) -> Report:
        """All scores, and what has to be said beside them."""
        scores = run.scores() or {}
        return score_lines.lines(scores), {"model": run.spec.model, "dataset": run.spec.dataset, **scores}


def score(run: Run, dataset: DataSet, classes: tuple[str, ...], cfg: TrainConfig, seconds: float) -> None:
    """The finished run's probes, and the same probes for its references; where it has no use of labels, why not."""
    from explorer.models import loading

    try:
        probes.check_classes(dataset, classes)
    except Refused as refused:  # it was trained all the same
        run.update(caveat="; ".join(filter(None, [run.status.caveat, f"there are no scores: {refused}"])))
        return
    run.update(message="evaluating on the test split")
    scores: dict[str, Any] = probes.evaluate(loading.load(run.id), dataset, classes=classes) | {
        "train_seconds": round(seconds, 1)
    }
    run.write_scores(scores)
    scores["references"] = {}
    plain = PLAIN if dataset.modality == "image" else {}
    for ref, title in {f"{run.id}@0": "Untrained", **plain}.items():
        run.update(message=f"evaluating a baseline: {title}")
        scores["references"][title] = scores_of(ref, dataset, classes=classes)
        run.write_scores(scores)
    run.update(message="")


def scores_of(ref: str, dataset: DataSet, labels: int = LABELS, classes: tuple[str, ...] = ()) -> dict[str, Any]:
    """`probes.evaluate`, remembered for models that are the same for everyone (pixels, PCA, untrained encoders).

    A run that is done has its scores already. Raises `Refused` where there is only one class.
    """
    from explorer.models import loading

    probes.check_classes(dataset, classes)
    kept = dataset.kept(classes)
    if not ModelRef.parse(ref).made_from_data:
        known = stored_scores(ref, dataset, labels, kept)
        return known or probes.evaluate(loading.load(ref, dataset), dataset, labels, classes)
    model = loading.load(ref, dataset)
    path = _place(model, dataset, labels, kept)
    with suppress(OSError, ValueError):  # none yet, or a damaged file
        if path:
            scores = reading.fields(path)
            caches.use(path)
            return scores
    scores = probes.evaluate(model, dataset, labels, classes)
    if path:
        caches.keep(path, json.dumps(scores).encode())
    return scores


def _place(model: Model, dataset: DataSet, labels: int, kept: tuple[str, ...]) -> Path | None:
    """Where the scores of a model are remembered, under all that decides them; None where nobody knows that."""
    from explorer.models import feature_cache

    identity = model.identity()
    if not identity:
        return None
    made = feature_cache.CODE, feature_cache.EVALUATION, feature_cache.numerics(), version("scikit-learn")
    key = digest(*made, identity, dataset.name, dataset.hash, dataset.size, labels, kept)
    return cache_root() / "scores" / f"{key}.json"


def stored_scores(ref: str, dataset: DataSet, labels: int, kept: tuple[str, ...]) -> dict[str, Any] | None:
    """The scores that a run got at its end, if they were measured on these very images with as many labels.

    Those of an earlier version lack the numbers of imbalanced classes, and serve where the classes are balanced.
    """
    model = ModelRef.parse(ref)
    run, which = model.run, model.which
    if run is None:  # finished vectors were never scored at the end of a training
        return None
    comparable = which in ("", "last", "0") and labels == LABELS and run.status.state == "done"
    if not (
        comparable and run.spec.dataset == dataset.name and dataset.kept(run.spec.train.get("classes", ())) == kept
    ):
        return None
    scores = run.scores() or {}
    known = scores.get("references", {}).get("Untrained") if which == "0" else scores
    wanted = (*probes.PROBES, "dim", "n_train", "n_test", "seconds")
    if (
        not known or not known.keys() >= set(wanted) or training_data_hash(run) != dataset.hash
    ):  # or before there was a probe
        return None
    beside = {name: known[name] for name in (*balance.NUMBERS, "caveats") if name in known}
    if not beside and (_is_imbalanced(dataset, kept) or caveats.of_scores(dataset, kept)):
        return None
    chance = probes.chance_in(known)
    return {name: known[name] for name in wanted} | beside | ({} if chance is None else {"knn_chance": chance})


def _is_imbalanced(dataset: DataSet, kept: tuple[str, ...]) -> bool:
    train, test = (dataset.chosen(split, kept)[1] for split in ("train", "test"))
    return balance.is_imbalanced(balance.measure({}, test, train, kept))


def training_data_hash(run: Run) -> str | None:
    """The hash of the images that the run's last weights were trained on."""
    from safetensors import SafetensorError, safe_open

    path = run.newest_weights()
    with suppress(SafetensorError, OSError, ValueError, TypeError), safe_open(path, "pt") as file:
        return str(reading.value(file.metadata()["unfold"].encode())["hash"])
    return None
