"""What a training must beat, on the very images that it is watched on."""

from typing import TYPE_CHECKING

import numpy as np

from explorer.data.kept import digest, kept
from explorer.evaluation import balance
from explorer.evaluation.probes.registry import PROBES, Features

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def watched_knn(model: "Model", dataset: "DataSet", classes: tuple[str, ...] = ()) -> float:
    """The kNN accuracy of a model on the probe images of a data set, from the bank that every training is read with.

    Of a model that says what decides its features it is measured once for all runs, pages and processes.
    """
    watched = _watched(dataset, classes)

    def measured() -> np.ndarray:
        queries, bank = (
            Features(model.features(dataset, split, rows), dataset.splits[split].y[rows])
            for split, rows in watched.items()
        )
        return np.array([PROBES["knn"](bank, queries)])

    from explorer.models import feature_cache

    identity = model.identity()
    if not identity:
        return float(measured()[0])
    images = (part[rows] for split, rows in watched.items() for part in dataset.splits[split][:2])
    made = feature_cache.CODE, feature_cache.EVALUATION, feature_cache.numerics()
    return float(kept("levels", digest("knn", *made, identity, *images), measured)[0])


def watched_majority(dataset: "DataSet", classes: tuple[str, ...] = ()) -> float | None:
    """The accuracy of always naming the most frequent class of the training images on the probe images of a data set.

    None where the classes are balanced: then it is that of guessing.
    """
    truth = dataset.splits["validation"].y[_watched(dataset, classes)["validation"]]
    training = dataset.splits["train"].y
    kept_labels = [dataset.classes.index(name) for name in dataset.kept(classes)]
    measured = balance.measure({}, truth, training[np.isin(training, kept_labels)], dataset.classes)
    return measured["majority_share"] if balance.is_imbalanced(measured) else None


def _watched(dataset: "DataSet", classes: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The probe images of these classes and the bank: rows by split."""
    chosen = [dataset.classes.index(name) for name in dataset.kept(classes)]
    rows = zip(("validation", "train"), dataset.probe(), strict=True)
    return {split: each[np.isin(dataset.splits[split].y[each], chosen)] for split, each in rows}
