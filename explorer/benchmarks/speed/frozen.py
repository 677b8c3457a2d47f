"""A frozen encoder in a transfer: ours passes it once over all images, the peer passes it again in every epoch."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import ceil, inf
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import numpy as np

from explorer.benchmarks.speed.clock import Clock
from explorer.benchmarks.speed.comparison import Comparison, Row

EPOCHS, MODEL = 15, "untrained:resnet18"  # as many epochs as in the tutorial
CHECKED = 2  # as many times fewer validation images, and test images, than training images


class Frozen(Comparison):
    """Both train the same linear layer on the same labels in the same order, and measure it after every epoch."""

    unit, size, small = "images", 300, 40
    draws: ClassVar[int]  # of each image that ours stores; 0 = no augmentation

    def ours(self, size: int, clock: Clock) -> Row:
        """The epochs of the arm `frozen` of a transfer; no features are in the cache when they begin."""
        bench = benches(size, self.draws)
        with empty_cache(), clock:
            training = bench.train(cell(bench), None)
            for _ in range(EPOCHS):
                next(training)
        return {"n": size * EPOCHS, "checks": {"accuracy": next(training)["test_accuracy"]}}

    def peer(self, size: int, clock: Clock) -> Row:
        """The same epochs with the network in each; and from how many epochs on it pays to store the features."""
        bench = benches(size, self.draws)
        training = rerun(bench)
        with clock:
            for _ in range(EPOCHS):
                next(training)
        once, stored = Clock(), Clock()
        with empty_cache(), once:
            list(bench.train(cell(bench), None))
        with stored:
            list(bench.train(cell(bench), None))
        saved = (clock.core_seconds - stored.core_seconds) / EPOCHS
        pays = ceil((once.core_seconds - stored.core_seconds) / saved) if saved > 0 else inf
        return {"n": size * EPOCHS, "checks": {"accuracy": next(training), "break-even epoch": pays}}


@contextmanager
def empty_cache() -> Iterator[None]:
    """In this block the caches are empty ones."""
    before = os.environ.get("EXPLORER_CACHE")
    with TemporaryDirectory() as folder:
        os.environ["EXPLORER_CACHE"] = folder
        try:
            yield
        finally:
            del os.environ["EXPLORER_CACHE"]
            if before is not None:
                os.environ["EXPLORER_CACHE"] = before


def benches(size: int, draws: int) -> Any:
    """A transfer to `shapes` with so many labelled images, and a network that has not passed them yet."""
    from explorer import data
    from explorer.evaluation.transfer import Bench, TransferConfig
    from explorer.models import loading

    shapes, splits = data.load("shapes"), {}
    for split, images in shapes.splits.items():
        n = size if split == "train" else max(10, size // CHECKED)
        splits[split] = images._replace(x=np.asarray(images.x[:n]), y=images.y[:n])
    few = replace(shapes, splits=splits)
    options = {"arms": ("frozen",), "labels": ("all",), "epochs": EPOCHS, "head": "replaced"}
    cfg = TransferConfig(**options, augment=draws > 0, draws=max(1, draws))
    return Bench(loading.load(MODEL, few), few, cfg)


def cell(bench: Any) -> Any:
    """Its only training."""
    from explorer.evaluation.transfer import cells

    return cells(bench.cfg)[0]


def rerun(bench: Any) -> Iterator[float]:
    """The accuracy on the validation images after each epoch, and at last on the test images."""
    import torch

    from explorer.core import generator, reseed

    one, network = cell(bench), Passed(bench.model)
    rows = bench.rows(one)
    learner = bench.learner(one, rows)
    for epoch in range(1, EPOCHS + 1):
        learner.begin(epoch)
        order = torch.randperm(len(rows), generator=generator(one.seed, "transfer order", epoch)).numpy()
        reseed(one.seed, "transfer dropout", epoch)
        batches = bench.batches(network, rows, order, None, (one.seed, epoch))
        learner.learn(((network(x), y) for x, y in batches), True)
        yield accuracy(learner, network, bench.watched)
    yield accuracy(learner, network, bench.test)


class Passed:
    """A frozen network that is passed for every batch."""

    def __init__(self, model: Any) -> None:
        self.module, self.spec = model.module.eval(), model.spec

    def __call__(self, x: Any) -> Any:
        """Its features of stored images, or of augmented ones in [0, 1]."""
        import torch

        from explorer.models.geometry import network_input

        with torch.no_grad():
            return self.module.embed(x if x.is_floating_point() else network_input(x, self.spec))


def accuracy(learner: Any, network: Passed, sample: Any) -> float:
    """On a sample, whose images all pass the network, as many at once as ours passes."""
    import torch

    from explorer.models.batches import pass_size
    from explorer.models.devices import device

    step = pass_size(network.spec.size, device())
    parts = [torch.from_numpy(sample[np.arange(at, min(at + step, len(sample)))]) for at in range(0, len(sample), step)]
    z = torch.cat([network(part) for part in parts])
    return float((learner.name(z).predicted.numpy() == sample.y).mean())
