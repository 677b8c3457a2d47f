"""Supervised classification: the reference that is given the labels."""

import math

from pydantic import Field
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core import Batch, Build, DataSpec, Method, method
from explorer.nn import Cropped


class Config(Cropped):
    """Hyperparameters of the supervised reference."""

    smoothing: float = Field(
        0.0, ge=0.0, le=0.5, description="label smoothing: share of the target probability spread over all classes"
    )


@method(
    "Supervised",
    family="reference",
    paper="arXiv:1512.03385",
    equation=r"\mathcal L = -\log \mathrm{softmax}(W f(x) + b)_y",
)
class Supervised(Method):
    """Classifies images by their labels: the reference for representations learned without labels."""

    any_size = True
    train_defaults = {"batch": 128, "optimizer": "adamw", "lr": 2e-3}

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        self.classifier = nn.Linear(self.encoder.out_dim, len(spec.classes))

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """A light crop and its label; during evaluation, the image itself."""
        view = self.cfg.cropped(batch.x, rng, batch.side) if self.training else batch.x
        return {"view": view, "label": batch.y}

    def loss(self, view: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Cross entropy; the accuracy on these images is plotted beside it."""
        logits = self.classify(view)
        right = (logits.detach().argmax(1) == label).float().mean()
        return {"loss": cross_entropy(logits, label, label_smoothing=self.cfg.smoothing), "accuracy": right}

    def classify(self, x: Tensor) -> Tensor:
        """Logits `[B, K]`."""
        return self.classifier(self.encoder(x))

    def chance(self, batch_size: int) -> float:
        """ln K for K classes."""
        return math.log(len(self.spec.classes))
