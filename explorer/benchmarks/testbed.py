"""The bench: the images of a protocol, and the measurements that are the same for every arm."""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from time import perf_counter
from typing import Any

import numpy as np

from explorer import data
from explorer.benchmarks.protocol import Protocol
from explorer.core import DataSpec, Split
from explorer.data import DataSet, Images
from explorer.evaluation import health, probes
from explorer.models import devices
from explorer.models.devices import split_of
from explorer.models.model import Model

SHARES = (100, 10, 1)  # percent of the training subset's labels


@dataclass(frozen=True)
class Features:
    """What a model makes of the bench's images: embedded once, for all probes."""

    bank: np.ndarray  # [N, D], of the training subset
    queries: np.ndarray  # [Q, D], of the test images


class Testbed:
    """The images that all arms are trained on and measured with."""

    def __init__(self, dataset: str, protocol: Protocol) -> None:
        self.protocol = protocol
        self.whole = data.load(dataset, protocol.size)
        probes.check_classes(self.whole)
        self.train, self.rows = self.whole.select("train", subset=protocol.subset)
        self.test, _ = self.whole.select("test", subset=protocol.test)

    @cached_property
    def dataset(self) -> DataSet:
        """The data set as the arms know it: its training split is the subset."""
        return replace(self.whole, splits={**self.whole.splits, "train": self.train, "test": self.test})

    @property
    def spec(self) -> DataSpec:
        """The shape of the images."""
        return DataSpec.of(self.whole, self.whole.classes, len(self.train.y))

    def split(self, labels: int = 0) -> Split:
        """The training images on the device; at most `labels` of them, if any are named."""
        images, at = self.train, self.labelled(labels or len(self.train.y))
        if len(at) < len(images.y):
            images = Images(np.asarray(images.x[at]), images.y[at], {})
        return split_of(images, self.whole.classes, self.whole, devices.device())

    def labelled(self, n: int) -> np.ndarray:
        """Places in the training subset of n images, balanced; fewer lie inside more, the same for every arm."""
        if n >= len(self.rows):
            return np.arange(len(self.rows))
        return np.searchsorted(self.rows, self.whole.select("train", subset=n)[1])

    def labels(self, percent: int) -> int:
        """How many labels a share of the subset is: one of each class at least."""
        return max(round(len(self.rows) * percent / 100), len(self.whole.classes))

    def features(self, model: Model) -> Features:
        """Embed everything once."""
        return Features(model.embed(self.train.x), model.embed(self.test.x))

    def linear(self, seen: Features, n: int) -> float:
        """Accuracy of the linear probe from n labels."""
        at = self.labelled(n)
        return probes.linear(seen.bank[at], self.train.y[at], seen.queries, self.test.y)

    def knn(self, seen: Features) -> float:
        """Accuracy of the nearest neighbours from all labels."""
        return probes.knn(seen.bank, self.train.y, seen.queries, self.test.y)

    def probed(self, seen: Features) -> dict[str, Any]:
        """KNN, the linear probes and the rank, with the seconds that each took."""
        if not (np.isfinite(seen.bank).all() and np.isfinite(seen.queries).all()):
            return {"failed": "its representation is not a number", "dim": seen.bank.shape[1]}
        clock, found = Clock(), {"dim": seen.bank.shape[1], "knn": self.knn(seen)}
        clock.stop("knn")
        for percent in SHARES:
            found[f"linear_{percent}"] = self.linear(seen, self.labels(percent))
            clock.stop(f"linear_{percent}")
        found["rank"] = round(float(health.effective_rank(seen.queries)), 3)
        clock.stop("rank")
        return {**found, "labels": {str(p): self.labels(p) for p in SHARES}, "probe_seconds": clock.seconds}

    def print_of(self, model: Model) -> str:
        """Hex; the same for models with the same features, such as untrained twins of several methods."""
        few = np.ascontiguousarray(model.embed(self.test.x[:64]))
        return blake2b(few.tobytes(), digest_size=8).hexdigest()


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
