"""What the trainings of a transfer have shown so far: accuracies while it runs, and what each named. Torch-free."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from explorer.errors import Refused
from explorer.evaluation import arm_results
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
    return json.loads(str(frame["facts"])) | {"n_test": len(frame["predicted"])}


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
