"""Exemplar networks, Dosovitskiy et al. 2014, arXiv:1406.6909, section 3.

A held-out image has no surrogate class. What can be asked of the network there is to give two draws of it the same one:
the validation loss is that of the class that the network guesses for another draw.
"""

import math

import torch
from pydantic import Field
from torch import Generator, Tensor, nn

from explorer.core import Batch, Build, DataSpec, Method, Split, method
from explorer.nn import Distorted, guess


class Config(Distorted):
    """Hyperparameters of exemplar networks."""

    flip: float = Field(0.0, ge=0.0, le=1.0, description="probability of a horizontal flip (paper: none)")
    surrogates: int = Field(
        2000, ge=2, le=32_000, description="surrogate classes, one per image; all where there are fewer (paper: 8000)"
    )


@method(
    "Exemplar",
    family="pretext",
    paper="arXiv:1406.6909",
    equation=r"\mathcal L = -\log \mathrm{softmax}\big(W f(T_\alpha x_i)\big)_i, \qquad i \in \{1, \dots, K\}",
)
class Exemplar(Method):
    """Classifies augmented copies of an image by the image they come from, each being a surrogate class."""

    moving_target = True
    any_size = True
    train_defaults = {"batch": 128, "epochs": 60}  # it begins slowly: each class has one image

    def __init__(self, cfg: Config, spec: DataSpec, build: Build) -> None:
        super().__init__(cfg, spec)
        self.encoder = build()
        rows = spec.rows or cfg.surrogates
        self.classes = min(cfg.surrogates, rows)
        self.classifier = nn.Linear(self.encoder.out_dim, self.classes)
        chosen = torch.randperm(rows)
        self.register_buffer("row_of", chosen[: self.classes])  # [K]
        self.register_buffer("class_of", chosen.argsort() % self.classes)  # [rows]

    def sample(self, data: Split, order: Tensor, n: int) -> Batch:
        """Chosen images alone, all equally often; a trial on fewer images than there will be takes those there are."""
        order, rows = order.to(self.row_of.device), len(self.class_of)
        over = order[:n] >= rows - rows % self.classes  # so many go to some of the classes only
        turn = order[-1] * self.classes // rows  # to others in each epoch: its last row is the same in all its batches
        return data.batch(self.row_of[(order[:n] + over * turn) % self.classes] % len(data))

    def views(self, batch: Batch, rng: Generator) -> dict[str, Tensor]:
        """An augmented copy of each image, and its surrogate class."""
        view = self.cfg.draw(batch.x, rng, batch.side)
        if self.training:
            return {"view": view, "label": self.class_of[batch.index]}
        return {"view": view, "label": self.logits(self.cfg.draw(batch.x, rng, batch.side)).argmax(1)}

    def loss(self, view: Tensor, label: Tensor) -> dict[str, Tensor]:
        """Cross entropy over all surrogate classes."""
        loss, accuracy = guess(self.logits(view), label)
        return {"loss": loss, "accuracy": accuracy}

    def logits(self, x: Tensor) -> Tensor:
        """Logits `[B, K]` over the surrogate classes."""
        return self.classifier(self.encoder(x))

    def chance(self, batch_size: int) -> float:
        """ln K: all classes are equally likely."""
        return math.log(self.classes)
