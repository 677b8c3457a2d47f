"""What a training must beat, on the very images that it is watched on."""

from typing import TYPE_CHECKING

import numpy as np

from explorer.evaluation.probes.registry import PROBES, Features

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def watched_knn(model: "Model", dataset: "DataSet", classes: tuple[str, ...] = ()) -> float:
    """The kNN accuracy of a model on the probe images of a data set, from the bank that every training is read with."""
    kept = [dataset.classes.index(name) for name in dataset.kept(classes)]
    sets = []
    for split, rows in zip(("validation", "train"), dataset.probe(), strict=True):
        y = dataset.splits[split].y
        rows = rows[np.isin(y[rows], kept)]
        sets.append(Features(model.features(dataset, split, rows), y[rows]))
    queries, bank = sets
    return PROBES["knn"](bank, queries)
