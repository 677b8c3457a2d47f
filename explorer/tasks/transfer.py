"""Transferring a model's encoder to another data set with few labels: frozen, fine-tuned, from scratch, and between."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from explorer import data, reading
from explorer.data import DataSet, Entry
from explorer.data.cache import LARGEST
from explorer.errors import Refused
from explorer.evaluation.arms import TransferConfig as Config
from explorer.evaluation.arms import titles
from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import transfer_report, transfer_scores
from explorer.tasks.inputs import Inputs, load
from explorer.tasks.lookup import known_data
from explorer.tasks.task import Report, Task, task

if TYPE_CHECKING:
    from explorer.models.model import Model

BEFORE = ("arms", "labels_per_class", "epochs", "batch", "lr", "head_lr", "seed")  # the options of the first version


@task("Transfer")
class Transfer(Task):
    """Transfer an encoder to another data set with few labels: frozen, fine-tuned, from scratch, and ways between."""

    Config = Config
    result = None
    page = "transfer"
    added = tuple(name for name in Config.model_fields if name not in BEFORE)

    def check(self, refs: Sequence[ModelRef], entry: Entry | None, cfg: Config) -> None:
        """Raises `Refused` where an arm would train weights that the model does not have, or crop what is no image."""
        if cfg.augment and entry is not None and entry.modality != "image":
            raise Refused(f"{entry.name} is {entry.modality} data, and only images are cropped: choose augment=false")
        if not refs[0].can_train and set(cfg.arms) != {"frozen"}:
            title = refs[0].title(entry.name)
            raise Refused(f"{title} has no weights to train: choose arms=frozen, or a trained model")

    def asked(self, cfg: Config) -> dict[str, Any]:
        """With a preset all options are recorded: those that are as without it would else be read as the preset's."""
        return cfg.model_dump(mode="json", exclude={"seed"}) if cfg.preset else super().asked(cfg)

    def title(self, refs: Sequence[ModelRef], data: str, cfg: Config) -> str:
        """From which model to which data."""
        return f"{refs[0]} to {data}"

    def run(self, run: Run, cfg: Config, inputs: Inputs) -> None:
        """Train one arm after the other, a row per epoch; what is done stays done if the run is interrupted.

        The test images are looked at once, at the end of each training.
        """
        from explorer.evaluation.transfer import cells

        model, dataset = opened(run, inputs)
        outcomes = stored(run, cfg)
        run.rewind(len(outcomes) * cfg.epochs or -1)
        steps = cfg.cells * cfg.epochs
        run.update(steps=steps, step=len(outcomes) * cfg.epochs, message="", device=inputs.device)
        source, missing = source_data(run, model)
        for row in self._rows(model, dataset, cfg, len(outcomes), source):
            if run.stop_requested():
                return
            step = len(outcomes) * cfg.epochs + row.get("epoch", cfg.epochs)
            if "epoch" in row:
                run.append({"step": step, **row})
                cell = cells(cfg)[len(outcomes)]
                run.update(step=step, epoch=row["epoch"], message=f"{titles()[cell.arm]}, {words(cell.amount)}")
            else:
                outcomes.append(keep(run, step, row))
                run.update(step=step)
        run.write_scores(transfer_scores.scores(model, dataset, cfg, outcomes, source, missing))

    def _rows(
        self, model: Model, dataset: DataSet, cfg: Config, done: int, source: DataSet | None
    ) -> Iterator[dict[str, Any]]:
        from explorer.evaluation.transfer import SourceMemory, transfer

        watch = SourceMemory(source, model.spec) if cfg.watch_source and source else None
        start = time.perf_counter()
        for row in transfer(model, dataset, cfg, done, watch):
            if "epoch" not in row:
                row["seconds"] = round(time.perf_counter() - start, 3)
                start = time.perf_counter()
            yield row

    def report(self, run: Run) -> Report:
        """The test accuracy of each arm, what has to be said beside it, and the curves."""
        return transfer_report.report(run, self.config(run.spec))


class Outcome(NamedTuple):
    """What came of a training: its numbers, and for each test image the class that was named, and how surely."""

    facts: dict[str, Any]
    predicted: np.ndarray  # [N]
    confidence: np.ndarray  # [N]


def keep(run: Run, step: int, row: dict[str, Any]) -> Outcome:
    """Store what came of a training, as the frame of its last step: a run that is interrupted goes on behind it."""
    facts = {name: value for name, value in row.items() if name not in ("predicted", "confidence")}
    outcome = Outcome(facts, row["predicted"].astype(np.int32), row["confidence"].astype(np.float32))
    run.write_frame(step, predicted=outcome.predicted, confidence=outcome.confidence, facts=json.dumps(facts))
    return outcome


def stored(run: Run, cfg: Config) -> list[Outcome]:
    """What came of the trainings that are done, in their order; up to the first that is missing or damaged."""
    found: list[Outcome] = []
    with suppress(Refused):
        while len(found) < cfg.cells:
            frame = run.frame((len(found) + 1) * cfg.epochs)
            found.append(Outcome(reading.value(str(frame["facts"]).encode()), frame["predicted"], frame["confidence"]))
    return found


def opened(run: Run, inputs: Inputs) -> tuple[Model, DataSet]:
    """The model, and the data: photographs at the size that the model wants them, unless another was asked for."""
    from explorer.models import loading

    ref, entry = ModelRef.parse(str(run.spec.model)), known_data(run.spec.dataset)
    if ref.made_from_data or run.spec.params.get("size") or not entry.any_size:
        return inputs.model, inputs.dataset
    model = loading.load(ref)
    spec = getattr(model, "spec", None)
    size = min(LARGEST, getattr(spec, "resize", 0) or spec.size) if spec and spec.modality == "image" else 0
    dataset = load(run, run.spec.dataset, size)
    loading.check_modality(ref, model.modality, dataset)
    return model, dataset


def source_data(run: Run, model: Model) -> tuple[DataSet | None, str]:
    """The data that the model was trained on, if they are here; else None, and why not."""
    trained = ModelRef.parse(str(run.spec.model)).run
    if trained is None or not getattr(model, "spec", None):
        return None, "the images that the model was trained on are not here"
    name = trained.spec.dataset
    try:
        return data.load(name, trained.spec.train.get("size", 0) or 0), ""
    except Refused as refused:
        return None, f"{name}, on which the model was trained, cannot be opened: {refused}"


def words(amount: str) -> str:
    """An amount of labels in words."""
    return "all labels" if amount == "all" else f"{amount} of the labels" if "%" in amount else f"{amount} per class"
