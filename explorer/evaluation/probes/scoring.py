"""All probes of a model, and what they need of the data."""

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import Refused
from explorer.evaluation.probes.knn import chance
from explorer.evaluation.probes.registry import PROBES, Features

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def check_classes(dataset: "DataSet", classes: tuple[str, ...] = ()) -> None:
    """Raises `Refused` unless there are training images of two classes: else there is nothing to tell apart."""
    kept = [dataset.classes.index(name) for name in dataset.kept(classes)]
    there = [dataset.classes[label] for label in np.unique(dataset.splits["train"].y) if label in kept]
    if len(there) < 2:
        only = f"of one class only ({there[0]})" if there else "of none of these classes"
        raise Refused(f"{dataset.name} has training images {only}: choose a data set with at least two classes")


def evaluate(
    model: "Model", dataset: "DataSet", labels: int = 10_000, classes: tuple[str, ...] = ()
) -> dict[str, float]:
    """Every probe on the whole test split, from at most `labels` training images balanced over classes.

    Beside them `knn_chance`: the kNN accuracy of a representation that says nothing of the class.
    """
    start = perf_counter()
    (known, train), (asked, test) = dataset.chosen("train", classes, labels), dataset.chosen("test", classes)
    bank = Features(model.features(dataset, "train", known), train)
    queries = Features(model.on_demand(dataset, "test", asked), test)
    return {
        **{name: probe(bank, queries) for name, probe in PROBES.items()},
        "knn_chance": chance(bank.y, queries.y),
        "dim": bank.z.shape[1],
        "n_train": len(train),
        "n_test": len(test),
        "seconds": round(perf_counter() - start, 2),
    }


def chance_in(scores: Mapping[str, Any]) -> float | None:
    """The `knn_chance` of stored scores, which was called `chance` before; None where it was not measured."""
    return scores.get("knn_chance", scores.get("chance"))


def live(bank: Features, queries: Features) -> dict[str, float]:
    """The probes that are quick enough to be taken while a training is watched."""
    return {name: probe(bank, queries) for name, probe in PROBES.items() if probe.live}
