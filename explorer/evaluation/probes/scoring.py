"""All probes of a model, and what they need of the data."""

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer import Refused
from explorer.data import caveats
from explorer.evaluation import balance
from explorer.evaluation.probes.knn import chance
from explorer.evaluation.probes.registry import PROBES, Features

if TYPE_CHECKING:
    from explorer.data import DataSet
    from explorer.models.model import Model


def check_classes(dataset: "DataSet", classes: tuple[str, ...] = ()) -> None:
    """Raises `Refused` unless there are training images of two classes, else there is nothing to tell apart, and test
    images of at least one.
    """
    kept = [dataset.classes.index(name) for name in dataset.kept(classes)]
    there, tested = (np.intersect1d(dataset.splits[split].y, kept) for split in ("train", "test"))
    if len(there) < 2:
        only = f"of one class only ({dataset.classes[there[0]]})" if len(there) else "of none of these classes"
        raise Refused(f"{dataset.name} has training images {only}: choose a data set with at least two classes")
    if not len(tested):
        raise Refused(f"{dataset.name} has no test images of these classes: choose other classes, or add test images")


def evaluate(model: "Model", dataset: "DataSet", labels: int = 10_000, classes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every probe on the whole test split, from at most `labels` training images balanced over classes.

    Beside them `knn_chance`, the kNN accuracy of a representation that says nothing of the class; what
    `balance.measure` says of the probes that name classes; and `caveats`, sentences about these images.
    """
    start = perf_counter()
    (known, train), (asked, test) = dataset.chosen("train", classes, labels), dataset.chosen("test", classes)
    bank = Features(model.features(dataset, "train", known), train)
    queries = Features(model.on_demand(dataset, "test", asked), test)
    found = {name: probe.measured(bank, queries) for name, probe in PROBES.items()}
    predicted = {name: each.predicted for name, each in found.items() if each.predicted is not None}
    return {
        **{name: each.value for name, each in found.items()},
        "knn_chance": chance(bank.y, queries.y),
        **balance.measure(predicted, test, dataset.chosen("train", classes)[1], dataset.kept(classes)),
        "caveats": caveats.of_scores(dataset, classes),
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
