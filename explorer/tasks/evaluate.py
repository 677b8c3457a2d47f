"""Scores on the test split: of a finished run, and of what it must beat (remembered: the same for everyone)."""

import json
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from explorer import Refused, data, runs
from explorer.core import TrainConfig
from explorer.data import DataSet
from explorer.evaluation import probes
from explorer.models import loading, reference
from explorer.runs import Run, atomic

LABELS = 10_000  # training images with labels that a probe sees, unless it is asked for another number


def score(run: Run, dataset: DataSet, classes: tuple[str, ...], cfg: TrainConfig, seconds: float) -> None:
    """The finished run's probes, and the same probes for what it must beat; none where there is one class only."""
    try:
        probes.check_classes(dataset, classes)
    except Refused:  # it was trained all the same
        return
    run.update(message="measuring on the test split")
    scores: dict[str, Any] = probes.evaluate(loading.load(run.id), dataset, classes=classes) | {
        "train_seconds": round(seconds, 1)
    }
    run.write_scores(scores)
    scores["references"] = {}
    plain = {"pixels": "Raw pixels", "pca": "PCA of the pixels"} if dataset.modality == "image" else {}
    for ref, title in {f"{run.id}@0": "Untrained", **plain}.items():
        run.update(message=f"measuring for comparison: {title}")
        scores["references"][title] = evaluated(ref, dataset, classes=classes)
        run.write_scores(scores)
    run.update(message="")


def evaluated(ref: str, dataset: DataSet, labels: int = LABELS, classes: tuple[str, ...] = ()) -> dict[str, float]:
    """`probes.evaluate`, remembered for models that are the same for everyone (pixels, PCA, untrained encoders).

    A run that is done has its scores already. Raises `Refused` where there is only one class.
    """
    probes.check_classes(dataset, classes)
    kept = dataset.kept(classes)
    if ref.partition(":")[0] not in reference.REFERENCES:
        known = stored(ref, dataset, labels, kept)
        return known or probes.evaluate(loading.load(ref, dataset), dataset, labels, classes)
    what = (2, torch.__version__, ref, dataset.name, dataset.hash, dataset.size, labels, kept)
    key = blake2b(repr(what).encode(), digest_size=8).hexdigest()
    path = data.cache_root() / "scores" / f"{key}.json"
    if path.exists():
        return json.loads(path.read_text())
    scores = probes.evaluate(loading.load(ref, dataset), dataset, labels, classes)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.replace(path, json.dumps(scores).encode())
    return scores


def stored(ref: str, dataset: DataSet, labels: int, kept: tuple[str, ...]) -> dict[str, float] | None:
    """The scores that a run got at its end, if they were measured on these very images with as many labels."""
    name, _, which = ref.partition("@")
    run = runs.get(name)
    mine = which in ("", "last", "0") and labels == LABELS and run.status.state == "done"
    if not (mine and run.spec.dataset == dataset.name and dataset.kept(run.spec.train.get("classes", ())) == kept):
        return None
    scores = run.scores() or {}
    found = scores.get("references", {}).get("Untrained") if which == "0" else scores
    if not found or learned_from(run) != dataset.hash:
        return None
    return {name: found[name] for name in ("knn", "linear", "dim", "n_train", "n_test", "seconds")}


def learned_from(run: Run) -> str | None:
    """The hash of the images that the run's last weights have seen."""
    path = run.newest_weights()
    with suppress(SafetensorError, OSError, ValueError, TypeError), safe_open(path, "pt") as file:
        return json.loads(file.metadata()["unfold"])["hash"]
    return None
