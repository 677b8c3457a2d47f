"""Scores on the test split: of a finished run, and of what it must beat (remembered: the same for everyone)."""

import json
import os
from hashlib import blake2b
from typing import Any

import torch

from explorer import data, models, probes
from explorer.core import TrainConfig
from explorer.data import DataSet
from explorer.runs import Run


def score(run: Run, dataset: DataSet, classes: tuple[str, ...], cfg: TrainConfig, seconds: float) -> None:
    """The finished run's probes, and the same probes for what it must beat."""
    run.update(message="measuring on the test split")
    scores: dict[str, Any] = probes.evaluate(models.load(run.id), dataset, classes=classes) | {
        "train_seconds": round(seconds, 1)
    }
    run.write_scores(scores)
    scores["references"] = {}
    for ref, title in {f"{run.id}@0": "Untrained", "pixels": "Raw pixels", "pca": "PCA of the pixels"}.items():
        run.update(message=f"measuring for comparison: {title}")
        scores["references"][title] = evaluated(ref, dataset, classes=classes)
        run.write_scores(scores)
    run.update(message="")


def evaluated(ref: str, dataset: DataSet, labels: int = 10_000, classes: tuple[str, ...] = ()) -> dict[str, float]:
    """`probes.evaluate`, remembered for models that are the same for everyone (pixels, PCA, untrained encoders)."""
    if ref.partition(":")[0] not in models.REFERENCES:
        return probes.evaluate(models.load(ref, dataset), dataset, labels, classes)
    key = blake2b(
        repr(
            (2, torch.__version__, ref, dataset.name, dataset.hash, dataset.size, labels, dataset.kept(classes))
        ).encode(),
        digest_size=8,
    )
    path = data.cache_root() / "scores" / f"{key.hexdigest()}.json"
    if path.exists():
        return json.loads(path.read_text())
    scores = probes.evaluate(models.load(ref, dataset), dataset, labels, classes)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(scores))
    part.replace(path)
    return scores
