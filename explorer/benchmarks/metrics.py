"""What some studies measure besides: functions of a model and its testbed, by name. Their numbers join the row."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from explorer.benchmarks.suite import EACH
from explorer.benchmarks.testbed import Representation, Testbed
from explorer.models.batches import BATCH
from explorer.models.model import Model

Numbers = dict[str, Any]
MEASURED, MOST = 1000, 10_000  # training images that a method's own measurement sees


def project(model: Model, bench: Testbed, features: Representation) -> Numbers:
    """The probes of z = g(h), and what they are worth less the probes of h."""
    example = model.project(bench.test.x[:2])
    if example is None:
        return {}
    z, h = (bench.probe(of) for of in (projections(model, bench), features))
    gaps = {f"z_minus_h_{name}": value - h[name] for name, value in z.items()}
    return {**{f"z_{name}": value for name, value in z.items()}, **gaps, "z_dim": example.shape[1]}


def projections(model: Model, bench: Testbed) -> Representation:
    """What the loss compares, of all images."""
    return bench.labelled_features(*(model.project(split.x) for split in (bench.bank, bench.test)))


def measure(model: Model, bench: Testbed, features: Representation, images: int = MEASURED) -> Numbers:
    """The method's own numbers about training images."""
    numbers = model.measure(np.asarray(bench.train.x[:images]))
    return {"measured": {name: value.double().cpu().tolist() for name, value in numbers.items()}} if numbers else {}


def reconstruction(model: Model, bench: Testbed, features: Representation) -> Numbers:
    """Squared error per pixel of the test images, drawn with whole grey values as on a screen."""
    if not model.can_decode:
        return {}
    images, total = bench.test.x, 0.0
    for i in range(0, len(images), BATCH):
        drawn = model.decode(features.queries.z[i : i + BATCH]).astype(np.float32)
        total += float((((drawn - images[i : i + BATCH]) / 255) ** 2).mean((1, 2, 3)).sum())
    return {"mse": total / len(images)}


def labels(model: Model, bench: Testbed, features: Representation) -> Numbers:
    """The linear probe along the curve of few labels."""
    numbers = [n for n in EACH if n < len(bench.bank_rows)]
    return {"linear_at": {str(n): bench.linear(features, n) for n in numbers}}


def classifier(model: Model, bench: Testbed, features: Representation) -> Numbers:
    """Accuracy on test images of a method that names the classes itself."""
    if not model.can_classify:
        return {}
    return {"accuracy": float((model.classify(bench.test.x) == bench.test.y).mean())}


EXTRAS: dict[str, Callable[[Model, Testbed, Representation], Numbers]] = {
    "project": project,
    "measure": measure,
    "subspace": partial(measure, images=MOST),
    "reconstruction": reconstruction,
    "labels": labels,
    "classifier": classifier,
}
