"""One arm at work: an encoder and a new linear classifier, and which parts of them learn in the epoch at hand."""

from collections.abc import Iterable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.core import DataSpec, eager
from explorer.evaluation.arms import ARMS, TransferConfig
from explorer.evaluation.transfer.parts import Part, parts
from explorer.models.geometry import network_input
from explorer.nn.norms import batch_norms, remembered_anew


class Named(NamedTuple):
    """The classes that were named for some images."""

    predicted: Tensor  # [N] int64
    confidence: Tensor  # [N] the probability of that class, by the softmax


class Learner(nn.Module):
    """An encoder (None where its features never change) and a new classifier, linear on standardised features.

    With `head="replaced"` nothing is standardised.
    """

    def __init__(
        self, arm: str, encoder: nn.Module | None, head: nn.Linear, cfg: TransferConfig, spec: DataSpec | None = None
    ) -> None:
        super().__init__()
        self.arm, self.cfg, self.spec = ARMS[arm], cfg, spec
        self.encoder, self.head = encoder, head
        self.standardises = cfg.head == "standardised"  # codes of any scale meet the same head
        self.norm = nn.BatchNorm1d(head.in_features, affine=False) if self.standardises else nn.Identity()
        self.parts: list[Part] = [] if encoder is None else parts(encoder, spec)
        self.movable = self._movable()
        self.optimizer = self._optimizer()
        self.moving: list[Part] = []  # the parts that learn in this epoch
        self.moved = encoder is not None and not self.arm.pretrained  # whether the encoder is another than the source

    def _movable(self) -> list[Part]:
        """The parts of the encoder that learn in any epoch."""
        rates = [self.arm.rates(len(self.parts), epoch, self.cfg) for epoch in range(1, self.cfg.epochs + 1)]
        return [part for at, part in enumerate(self.parts) if any(each[at] > 0 for each in rates)]

    def _optimizer(self) -> torch.optim.Optimizer:
        """A group of parameters for the head, and one for each part of the encoder: their rates change by the epoch."""
        if self.encoder is not None:
            self.encoder.requires_grad_(False)
        groups = [{"params": list(self.head.parameters())}, *({"params": part.parameters} for part in self.parts)]
        if self.cfg.optimizer == "sgd":
            return torch.optim.SGD(groups, self.cfg.head_lr, momentum=0.9)
        return torch.optim.Adam(groups, self.cfg.head_lr, fused=True)

    # ------------------------------------------------------------------------------------------ what learns

    def begin(self, epoch: int) -> None:
        """Let those parts learn that the arm lets learn in this epoch, at its rates."""
        rates, factor = self.arm.rates(len(self.parts), epoch, self.cfg), self.cfg.rate(epoch)
        for group, rate in zip(self.optimizer.param_groups, [self.cfg.head_lr, *rates], strict=True):
            group["lr"] = rate * factor
        for part, rate in zip(self.parts, rates, strict=True):
            for parameter in part.parameters:
                parameter.requires_grad_(rate > 0)
                parameter.grad = None
        self.moving = [part for part, rate in zip(self.parts, rates, strict=True) if rate > 0]
        self.moved = self.moved or bool(self.moving)

    def train_moving(self) -> None:
        """Training mode for what learns; in all else batch-norm statistics and dropout stand still."""
        self.eval()
        self.norm.train()
        if self.arm.keeps_statistics or not self.moving:
            return
        if len(self.moving) == len(self.parts):
            self.encoder.train()
        for part in self.moving:
            if part.module is not None:
                part.module.train()

    @property
    def trainable(self) -> int:
        """How many numbers learn in this epoch: of the head, and of the parts of the encoder that learn."""
        learning = [*self.head.parameters(), *(each for part in self.moving for each in part.parameters)]
        return sum(each.numel() for each in learning)

    # ------------------------------------------------------------------------------------------ learning

    def scores(self, z: Tensor) -> Tensor:
        """Of features `[B, dim]` the scores of the classes `[B, classes]`."""
        return self.head(self.norm(z))

    def features(self, x: Tensor) -> Tensor:
        """The representation of stored images, brought to the encoder's geometry, or of augmented ones in [0, 1]."""
        return self.encoder.embed(x if x.is_floating_point() else network_input(x, self.spec))

    def learn(self, batches: Iterable[tuple[Tensor, Tensor]], features: bool) -> float:
        """One epoch over batches of images, or of `features`, and their labels; the mean loss in nats."""
        self.train_moving()
        total = n = 0.0
        for x, y in batches:
            loss = F.cross_entropy(self.scores(x if features else self.features(x)), y)
            self.optimizer.zero_grad()
            loss.backward()
            eager.step(self.optimizer)
            total, n = total + loss.item() * len(y), n + len(y)
        self.eval()
        return total / n

    @torch.inference_mode()
    def standardise(self, z: Tensor) -> None:
        """Take the statistics of the norm from the features of all training images as the encoder sees them now.

        A mean over the steps would be that of features which have moved since, and a few labels make few steps.
        """
        self.norm.running_mean.copy_(z.mean(0))
        self.norm.running_var.copy_(z.var(0))

    @torch.no_grad()
    def restate(self, batches: Iterable[Tensor]) -> None:
        """Take the statistics of the batch norms that have learned from all training images, too, for the same reason.

        A norm of momentum 0.01 still has those of no image after the few steps of a few labels. Dropout is left out.
        """
        self.train_moving()
        norms = [] if self.encoder is None else [each for each in batch_norms(self.encoder) if each.training]
        self.eval()
        if not norms:
            return
        for each in norms:
            each.train()
        with remembered_anew(norms):
            for x in batches:
                self.features(x)
        self.eval()

    @torch.inference_mode()
    def represent(self, x: Tensor) -> Tensor:
        """The features of a batch of stored images, in eval mode."""
        self.eval()
        return self.features(x)

    @torch.inference_mode()
    def name(self, z: Tensor) -> Named:
        """The class that it names for each of these features, and how sure it is."""
        self.eval()
        confidence, predicted = self.scores(z).softmax(1).max(1)
        return Named(predicted, confidence.nan_to_num(0.0))  # of a training that has diverged

    # ------------------------------------------------------------------------------------------ keeping

    def snapshot(self) -> dict[str, Tensor]:
        """A copy of all that any epoch moves, and of the statistics; weights that stay frozen are not copied."""
        moved = {id(each) for part in self.movable for each in part.parameters} | set(map(id, self.head.parameters()))
        own = {name: each for name, each in self.named_parameters() if id(each) in moved}
        return {name: each.detach().clone() for name, each in {**own, **dict(self.named_buffers())}.items()}

    @torch.no_grad()
    def restore(self, snapshot: dict[str, Tensor]) -> None:
        """Be as at the time of a snapshot."""
        own = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        for name, value in snapshot.items():
            own[name].copy_(value)
