"""What the steps of a transfer take of the memory: known before the first one, since nothing is computed on `meta`.

An arm is built once more on torch's device `meta`, where tensors have a shape and no numbers, and makes one step there:
a ledger says how many bytes were alive at its greatest moment. A step that does not fit is refused, with the largest
batch that does, before any feature is computed.
"""

import copy
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from explorer.core import DataSpec, seeded
from explorer.core.ledger import Ledger
from explorer.errors import Refused
from explorer.evaluation.arms import ARMS, TransferConfig
from explorer.evaluation.transfer.heads import new_head
from explorer.evaluation.transfer.learner import Learner
from explorer.models.memory import allowed, words

if TYPE_CHECKING:
    from explorer.models.model import Model

SCRATCH = 1.25  # what the libraries use besides for themselves: copies in other layouts, holes between allocations
MARGIN = 128 * 2**20  # bytes, for what the libraries load with the first step
STATES = {"adam": 2, "sgd": 1}  # numbers that an optimizer keeps for each one that learns


class Step(NamedTuple):
    """What a training step of an arm takes besides the source, which is there already."""

    weights: int  # bytes: a copy of the encoder, the state of the optimizer, the weights that are kept
    alive: int  # bytes of activations and gradients at the greatest moment

    @property
    def bytes(self) -> int:
        """All of it, with what cannot be seen."""
        return self.weights + int(self.alive * SCRATCH) + MARGIN


def check(model: "Model", cfg: TransferConfig, classes: int, images: int) -> None:
    """Raises `Refused` where a step of an arm would not fit; `images` are the labelled ones of the largest amount.

    Nothing is known, and nothing refused, of a network with operations that need numbers.
    """
    if not model.can_train or model.modality != "image":
        return
    batch, room = min(cfg.batch, images), allowed()
    for arm in cfg.arms:
        if not ARMS[arm].moves(1, cfg):
            continue
        with suppress(NotImplementedError, RuntimeError, TypeError):
            needed = step(model, arm, cfg, classes, batch).bytes
            if needed > room:
                raise Refused(refusal(model, arm, cfg, classes, batch, needed, room))


def refusal(
    model: "Model", arm: str, cfg: TransferConfig, classes: int, batch: int, needed: int, room: int
) -> str:  # fmt: skip
    """What does not fit, and what to do."""
    title, spec = ARMS[arm].title, model.spec
    what = f"{title}: a step on {batch:,} images of {spec.size}x{spec.size} pixels needs about {words(needed)}"
    advice = smaller(model, arm, cfg, classes, batch, room)
    return f"{what} of memory, and {words(max(0, room))} may be taken: {advice}, or set EXPLORER_MEMORY (GiB) higher"


def smaller(model: "Model", arm: str, cfg: TransferConfig, classes: int, batch: int, room: int) -> str:
    """The largest batch that fits, a power of two; or another arm, where none does."""
    size = 1 << (batch - 1).bit_length() - 1
    while size >= 2:
        if step(model, arm, cfg, classes, size).bytes <= room:
            return f"choose batch {size} or less"
        size //= 2
    return "choose arms=frozen, or a smaller network"


def step(model: "Model", arm: str, cfg: TransferConfig, classes: int, batch: int) -> Step:
    """What a step on so many images takes, in an epoch in which most of the encoder learns: the last one."""
    learner = built(model, arm, cfg, classes)
    learner.begin(cfg.epochs)
    learner.train_moving()
    x = images(model.spec, batch)
    y = torch.empty(batch, dtype=torch.long, device="meta")
    with Ledger() as ledger:
        F.cross_entropy(learner.scores(learner.features(x)), y).backward()
    learning = 4 * learner.trainable
    kept = learning * (cfg.keep == "best")
    weights = size(learner.encoder) + learning * STATES[cfg.optimizer] + kept
    return Step(weights, max(ledger.moments, default=0))


def images(spec: DataSpec, batch: int) -> torch.Tensor:
    """Images at the size of the network, as an augmentation gives them."""
    return torch.empty(batch, *spec.shape, device="meta")


def built(model: "Model", arm: str, cfg: TransferConfig, classes: int) -> Learner:
    """An arm as it is before its first step, without any numbers."""
    with seeded(0):
        head = new_head(model, model.dim, classes, cfg.head)
        encoder = without_numbers(model.module).requires_grad_(True)
        ARMS[arm].prepare(encoder, cfg)
    return Learner(arm, encoder.to("meta"), head.to("meta"), cfg, model.spec).to("meta")


def without_numbers(module: nn.Module) -> nn.Module:
    """A copy on `meta`; the numbers are not copied first, which of a large network would not fit."""
    tensors = [*module.parameters(), *module.buffers()]
    memo = {id(each): nn.Parameter(each.detach().to("meta")) if isinstance(each, nn.Parameter)
            else each.detach().to("meta") for each in tensors}  # fmt: skip
    return copy.deepcopy(module, memo)


def size(module: nn.Module | None) -> int:
    """The bytes of all parameters and buffers."""
    every = [] if module is None else [*module.parameters(), *module.buffers()]
    return sum(each.numel() * each.element_size() for each in every)
