"""The testbed: the images of a protocol, and the measurements that are the same for every arm."""

from dataclasses import replace
from functools import cached_property
from hashlib import blake2b
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from explorer import Refused, data
from explorer.benchmarks.protocol import SHARES, Protocol
from explorer.core import DataSpec, Split
from explorer.data import DataSet, Images
from explorer.evaluation import health, probes
from explorer.evaluation.probes import PROBES, Features
from explorer.models import devices
from explorer.models.devices import split_of
from explorer.models.model import Model


class Representation(NamedTuple):
    """What a model makes of the testbed's images: embedded once, for all probes."""

    bank: Features  # of the labelled images
    queries: Features  # of the test images


class Testbed:
    """The images that all arms are trained on and measured with: those that a seed draws."""

    def __init__(self, dataset: str, protocol: Protocol, seed: int = 0) -> None:
        self.protocol, self.seed = protocol, seed
        self.whole = data.load(dataset, protocol.size)
        check_images(self.whole, protocol)
        self.train, self.rows = self.whole.select("train", subset=protocol.subset, draw=seed)
        self.bank, self.bank_rows = self.whole.select("train", subset=self.labels(100), draw=seed)
        self.test, self.test_rows = self.whole.select("test", subset=protocol.test)

    @cached_property
    def dataset(self) -> DataSet:
        """The data set as the arms know it: its training split is the subset."""
        return replace(self.whole, splits={**self.whole.splits, "train": self.train, "test": self.test})

    @property
    def spec(self) -> DataSpec:
        """The shape of the images."""
        return DataSpec.of(self.whole, self.whole.classes, len(self.train.y))

    def split(self, labels: int = 0) -> Split:
        """The training images on the device; or so many of the labelled ones, if any are named."""
        images = self.train
        if labels:
            at = self.labelled(labels)
            images = Images(np.asarray(self.bank.x[at]), self.bank.y[at], {})
        return split_of(images, self.whole.classes, self.whole, devices.device())

    def labelled(self, n: int) -> np.ndarray:
        """Places among the labelled images of n of them, balanced; fewer lie inside more, the same for every arm."""
        if n >= len(self.bank_rows):
            return np.arange(len(self.bank_rows))
        return np.searchsorted(self.bank_rows, self.whole.chosen("train", subset=n, draw=self.seed)[0])

    def labels(self, percent: int) -> int:
        """How many labels a share of the labelled images is: one of each class at least."""
        return max(round(min(self.protocol.labels, len(self.rows)) * percent / 100), len(self.whole.classes))

    def features(self, model: Model) -> Representation:
        """Embed the labelled images and the test images once."""
        bank = model.features(self.whole, "train", self.bank_rows)
        return self.labelled_features(bank, model.features(self.whole, "test", self.test_rows))

    def labelled_features(self, bank: np.ndarray, queries: np.ndarray) -> Representation:
        """Features of all labelled and all test images `[N, D]`, with their labels."""
        return Representation(Features(bank, self.bank.y), Features(queries, self.test.y))

    def held_out(self, model: Model) -> float:
        """The linear probe on the validation images: what a choice may look at."""
        rows = np.arange(len(self.whole.splits["validation"].y))
        queries = Features(model.features(self.whole, "validation", rows), self.whole.splits["validation"].y)
        bank = Features(model.features(self.whole, "train", self.bank_rows), self.bank.y)
        return PROBES["linear"](bank, queries)

    def linear(self, features: Representation, n: int) -> float:
        """Accuracy of the linear probe from n labels."""
        return PROBES["linear"](features.bank.take(self.labelled(n)), features.queries)

    def probe(self, features: Representation) -> dict[str, float]:
        """Every probe, with all labels, by its column."""
        return {probe.column(): probe(*features) for probe in PROBES.values()}

    def measure(self, features: Representation) -> dict[str, Any]:
        """Every probe from every share of the labels that it is asked for, the rank, and the seconds of each."""
        dim = features.bank.z.shape[1]
        if not all(np.isfinite(part.z).all() for part in features):
            return {"failed": "its representation is not a number", "dim": dim}
        clock, row = Clock(), {"dim": dim}
        for probe in PROBES.values():
            for percent in SHARES if probe.by_share else SHARES[:1]:
                column, bank = probe.column(percent), features.bank.take(self.labelled(self.labels(percent)))
                row[column] = probe(bank, features.queries)
                clock.stop(column)
        row["rank"] = round(float(health.effective_rank(features.queries.z)), 3)
        clock.stop("rank")
        return {**row, "labels": {str(p): self.labels(p) for p in SHARES}, "probe_seconds": clock.seconds}

    def fingerprint(self, model: Model) -> str:
        """Hex; the same for models with the same features, such as untrained networks of several methods."""
        few = np.ascontiguousarray(model.features(self.whole, "test", self.test_rows[:64]))
        return blake2b(few.tobytes(), digest_size=8).hexdigest()


def check_images(dataset: DataSet, protocol: Protocol) -> None:
    """Raises `Refused` where the protocol asks for more images than there are, or there is nothing to tell apart."""
    probes.check_classes(dataset)
    classes, counts = len(dataset.classes), np.bincount(dataset.splits["train"].y, minlength=len(dataset.classes))
    if protocol.labels < classes:
        raise Refused(f"{protocol.labels} labels are too few for {classes} classes: give {classes} or more")
    for name, wanted in (("subset", protocol.subset), ("labels", protocol.labels)):
        share = wanted // classes
        if wanted < counts.sum() and counts.min() < share:
            label, most = dataset.classes[int(counts.argmin())], int(counts.min()) * classes
            raise Refused(
                f"{name} {wanted:,} takes {share:,} images of each class, and {label} of {dataset.name} has "
                f"{counts.min():,}: give {most:,} or less"
            )


class Clock:
    """Where the time goes."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.since = perf_counter()

    def stop(self, what: str) -> None:
        """The time since the last stop was spent on `what`."""
        now = perf_counter()
        self.seconds[what] = round(now - self.since, 2)
        self.since = now
