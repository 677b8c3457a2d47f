"""What the trainings of a transfer have shown so far: accuracies while it runs, and what each named. Torch-free."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from explorer.data import DataSet
from explorer.errors import Refused
from explorer.evaluation import arm_results, balance
from explorer.evaluation.arm_results import Accuracy
from explorer.evaluation.arms import TransferConfig
from explorer.runs import Run

KEPT = 1024  # trainings whose facts are remembered: a page that watches looks again every second


class Named(NamedTuple):
    """For each test image the class that a training named, and how surely."""

    predicted: np.ndarray  # [N] int
    confidence: np.ndarray  # [N] in [0, 1]


def facts(run: Run, cfg: TransferConfig) -> list[dict[str, Any]]:
    """The numbers of each training that has ended, in their order, each with the `step` of its frame."""
    found: list[dict[str, Any]] = []
    for step in range(cfg.epochs, cfg.cells * cfg.epochs + 1, cfg.epochs):
        try:
            found.append(_facts(run, step) | {"step": step})
        except Refused:  # it goes on, or its frame was lost: nothing that stands behind it counts
            break
    return found


@lru_cache(maxsize=KEPT)
def _facts(run: Run, step: int) -> dict[str, Any]:
    frame = run.frame(step)
    named = int(frame["predicted"].max(initial=-1)) + 1
    return json.loads(str(frame["facts"])) | {"n_test": len(frame["predicted"]), "classes_named": named}


def identity(dataset: DataSet) -> dict[str, Any]:
    """What a transfer keeps of its data set, to know it again: hashes, the shape of a row, and the classes."""
    return {"hash": dataset.hash, "source": dataset.source, "shape": list(dataset.shape),
            "classes": list(dataset.classes)}  # fmt: skip


def has_changed(scores: Mapping[str, Any], ended: Sequence[Mapping[str, Any]], dataset: DataSet) -> bool:
    """Whether a data set is another than that of these scores and of the `facts` of their trainings.

    At another size its source is compared. Earlier versions kept the classes and how many test images each has, the
    first one nothing: then the number of images and of the classes that were named has to fit.
    """
    then, now = scores.get("tested_on"), identity(dataset)
    if then:
        what = ("hash", "source", "classes") if then["shape"] == now["shape"] else ("source", "classes")
        return any(then[name] != now[name] for name in what)
    truth = dataset.splits["test"].y
    counts = np.bincount(truth, minlength=len(dataset.classes)).tolist()
    if known := balance.classes_of(scores):
        return [each.name for each in known] != [*dataset.classes] or [each.n for each in known] != counts
    return any(each["n_test"] != len(truth) or each["classes_named"] > len(counts) for each in ended)


def table(run: Run, cfg: TransferConfig) -> list[Accuracy]:
    """The accuracy of each arm at each amount of labels on the test images, of the trainings that have ended."""
    scores = run.scores() or {}
    if "table" in scores:
        return [Accuracy(**row) for row in scores["table"]]
    ended = facts(run, cfg)
    return arm_results.table(ended, ended[0]["n_test"]) if ended else []


def largest(scores: Mapping[str, Any], cfg: TransferConfig) -> str:
    """The largest amount of labels, whose numbers stand under the name of each arm; earlier versions took the last."""
    return scores.get("largest", cfg.amounts[-1])


def named(run: Run, ended: Mapping[str, Any]) -> Named:
    """What one of the `facts` has named; raises `Refused` where its frame is damaged."""
    frame = run.frame(ended["step"])
    return Named(frame["predicted"], frame["confidence"])
