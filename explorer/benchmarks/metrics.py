"""What some studies measure besides: functions of a model and its bench, by name. Their numbers join the row."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from explorer.benchmarks.suite import EACH
from explorer.benchmarks.testbed import Features, Testbed
from explorer.core import Method
from explorer.models.model import Model, Network

Numbers = dict[str, Any]
MEASURED, MOST = 1000, 10_000  # training images that a method's own measurement sees


def project(model: Model, bench: Testbed, seen: Features) -> Numbers:
    """The probes of z = g(h), and what they are worth less the probes of h."""
    if not isinstance(model, Network) or model.project(bench.test.x[:2]) is None:
        return {}
    z = Features(*(model.project(images.x) for images in (bench.train, bench.test)))
    found = {"knn": bench.knn(z), "linear_100": bench.linear(z, len(bench.rows))}
    less = {"knn": bench.knn(seen), "linear_100": bench.linear(seen, len(bench.rows))}
    gaps = {f"z_minus_h_{name}": value - less[name] for name, value in found.items()}
    return {**{f"z_{name}": value for name, value in found.items()}, **gaps, "z_dim": z.bank.shape[1]}


@torch.no_grad()
def measure(model: Model, bench: Testbed, seen: Features, images: int = MEASURED) -> Numbers:
    """The method's own numbers about training images."""
    if not isinstance(getattr(model, "module", None), Method):
        return {}
    told = model.module.measure(model.images(bench.train.x[:images]))
    return {"measured": {name: value.double().cpu().tolist() for name, value in told.items()}}


def reconstruction(model: Model, bench: Testbed, seen: Features) -> Numbers:
    """Squared error per pixel of the test images, drawn with whole grey values as on a screen."""
    if not model.can_decode:
        return {}
    images, total = bench.test.x, 0.0
    for i in range(0, len(images), 500):
        drawn = model.decode(seen.queries[i : i + 500]).astype(np.float32)
        total += float((((drawn - images[i : i + 500]) / 255) ** 2).mean((1, 2, 3)).sum())
    return {"mse": total / len(images)}


def labels(model: Model, bench: Testbed, seen: Features) -> Numbers:
    """The linear probe along the curve of few labels."""
    numbers = [n for n in EACH if n < len(bench.rows)]
    return {"linear_at": {str(n): bench.linear(seen, n) for n in numbers}}


def classifier(model: Model, bench: Testbed, seen: Features) -> Numbers:
    """Accuracy on test images of a method that names the classes itself."""
    if not model.can_classify:
        return {}
    return {"accuracy": float((model.classify(bench.test.x) == bench.test.y).mean())}


EXTRAS: dict[str, Callable[[Model, Testbed, Features], Numbers]] = {
    "project": project,
    "measure": measure,
    "subspace": partial(measure, images=MOST),
    "reconstruction": reconstruction,
    "labels": labels,
    "classifier": classifier,
}
