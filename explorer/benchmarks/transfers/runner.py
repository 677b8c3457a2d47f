"""All trainings of a study of transfers, one after the other: what has a row is not trained again."""

import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch

from explorer import Refused, data
from explorer.benchmarks import results
from explorer.benchmarks.transfers import rows
from explorer.benchmarks.transfers.rows import Inputs, Row
from explorer.benchmarks.transfers.study import OWN_HEAD, Training, TransferStudy
from explorer.data.cache import LARGEST
from explorer.evaluation.own_head import own_head
from explorer.evaluation.transfer import Bench, Cell
from explorer.evaluation.transfer.sample import Sample
from explorer.models import devices, feature_cache, loading
from explorer.models.model import Network
from explorer.system.machine import processor
from explorer.tasks.inputs import use_threads
from explorer.tasks.lookup import known_data

Say = Callable[[str], None]


def conduct(
    study: TransferStudy, plan: Sequence[tuple[Training, int]], path: Path, say: Say, threads: int = 0
) -> dict[str, str]:
    """Train what is not there yet, and write each row at once; returns the sources that were left out, and why."""
    use_threads(threads)
    refused: dict[str, str] = {}
    old = 0
    for place, (each, seed) in enumerate(plan, 1):
        if each.source in refused:
            continue
        known = rows.read(path, study)  # read again: another process may write there too
        try:
            source = Source.opened(study.dataset, each.source)
            if rows.there(known, each, seed, source.inputs):
                old += 1
                continue
            row = measured(study, source, each, seed)
        except Refused as error:
            refused[each.source] = str(error)
            say(f"{place}/{len(plan)}  {each.source}: left out, {error}")
            continue
        results.append(path, row)
        say(f"{place}/{len(plan)}  {each.source}, {each.arm}, {each.labels}, seed {seed}: {row['test_accuracy']:.3f}, "
            f"{row['core_seconds']:.0f} core-seconds")  # fmt: skip
    if old:
        say(f"{old} of {len(plan)} were there already")
    return refused


class Source:
    """A model, the images as it wants them, and what the trainings of a seed share."""

    def __init__(self, dataset: str, reference: str) -> None:
        model = loading.load(reference)
        if not isinstance(model, Network) or model.modality != "image":
            raise Refused(f"{reference} is no network that looks at images: choose one that does")
        size = min(LARGEST, getattr(model.spec, "resize", 0) or model.spec.size) if known_data(dataset).any_size else 0
        self.model, self.dataset = model, data.load(dataset, size)
        self.inputs = Inputs(self.dataset.hash, feature_cache.weights(model.module)[:16])
        self._bench: tuple[int, Bench] | None = None

    @staticmethod
    @lru_cache(maxsize=1)
    def opened(dataset: str, reference: str) -> "Source":
        """The source; raises `Refused` where its weights are not here."""
        return Source(dataset, reference)

    def bench(self, study: TransferStudy, seed: int) -> Bench:
        """What the trainings of a seed share, above all the frozen features of all labelled images that any has."""
        if self._bench is None or self._bench[0] != seed:
            self._bench = None  # before the next one: maps of all images are large
            arms = tuple(dict.fromkeys(each.arm for each in study.trainings() if each.arm != OWN_HEAD))
            amounts = tuple(study.amounts(self.model.ref))
            cfg = study.config(Training(self.model.ref, arms[0], amounts[-1]), seed, study.steps)
            bench = Bench(self.model, self.dataset, cfg.model_copy(update={"arms": arms, "labels": amounts}))
            bench.watched = Sample(self.dataset, {"validation": np.arange(0)})  # nothing is chosen: nobody watches
            self._bench = seed, bench
        return self._bench[1]


def measured(study: TransferStudy, source: Source, training: Training, seed: int) -> Row:
    """The row of a training, with what it took."""
    start, core = perf_counter(), process_time()
    outcome = named(source, training) if training.arm == OWN_HEAD else trained(study, source, training, seed)
    took = {"core_seconds": round(process_time() - core, 2), "seconds": round(perf_counter() - start, 2)}
    about = {"study": study.name, "dataset": study.dataset, **training._asdict(), "seed": seed,
             "classes": len(source.dataset.classes)}  # fmt: skip
    return {**about, "protocol": study.protocol(), **source.inputs._asdict(), **outcome, **took, **footer()}


def named(source: Source, training: Training) -> Row:
    """What the untouched network names; raises `Refused` where ImageNet does not know the classes."""
    found = own_head(source.model, source.dataset)
    if found is None:
        raise Refused(f"{training.source} has no head for the classes of {source.dataset.name}: leave this arm out")
    right = found.predicted == source.dataset.splits["test"].y
    return outcome_of(right, {"n_train": 0, "trainable": 0, "epochs": 0})


def trained(study: TransferStudy, source: Source, training: Training, seed: int) -> Row:
    """What the test images say after the last epoch."""
    shared, cell = source.bench(study, seed), Cell(training.labels, seed, training.arm)
    images = len(shared.rows(cell))
    bench = shared.on(study.config(training, seed, images))
    *_, last = bench.train(cell, None)
    right = last["predicted"] == bench.test.y
    facts = {name: last[name] for name in ("n_train", "trainable", "diverged")}
    return outcome_of(right, {**facts, "epochs": bench.cfg.epochs})


def outcome_of(right: np.ndarray, facts: dict[str, Any]) -> Row:
    """The numbers of a training, of the test images that it names rightly, `bool [N]`."""
    return {**facts, "n_test": len(right), "test_accuracy": float(right.mean()), "right": rows.packed(right)}


def footer() -> Row:
    """Where it was measured, with what, and when."""
    machine = devices.describe(devices.device(), processor=processor())
    versions = {"torch": str(torch.__version__), "python": platform.python_version()}
    return {"hardware": machine, **versions, "date": datetime.now(UTC).isoformat(timespec="seconds")}
