"""The new classifier of a transfer: a linear layer, or the network's own kind of last layer for other classes.

A classifier from elsewhere may offer `new_head(classes)` and `penultimate(images)`, what enters its last layer. It is
the same as its representation where that layer is linear; SqueezeNet's is a convolution, with a ReLU between it and the
mean over all places: a linear layer on the means of the map would be another classifier.
"""

import numpy as np
from torch import nn

from explorer.core import seeded
from explorer.evaluation.transfer.sample import AT_ONCE, Drawn, Sample
from explorer.models import feature_cache
from explorer.models.model import Model


def new_head(model: Model, width: int, classes: int, kind: str) -> nn.Module:
    """A head with first weights of torch's global generator, for features `[B, width]` or, if it is no linear layer,
    for what enters the old one.
    """
    own = getattr(getattr(model, "module", None), "new_head", None)
    return own(classes) if own and kind == "replaced" else nn.Linear(width, classes)


def looks_at_map(model: Model, kind: str) -> bool:
    """Whether the head is given something else than the model's representation."""
    if kind != "replaced":
        return False
    with seeded(0):
        return not isinstance(new_head(model, 1, 2, kind), nn.Linear)


def entering(model: Model, sample: Sample | Drawn, at: np.ndarray) -> np.ndarray:
    """What enters the old head, of some places; kept as features are."""

    def pass_through(x: np.ndarray) -> np.ndarray:
        return model.batched(model.module.penultimate, x)

    if identity := model.identity():
        return feature_cache.features(f"{identity} penultimate", sample, at, pass_through)
    return np.concatenate([pass_through(sample[at[i : i + AT_ONCE]]) for i in range(0, len(at), AT_ONCE)])
