"""A training step of SimCLR, against the plain loop over a DataLoader."""

from collections.abc import Iterator
from itertools import chain, repeat
from statistics import mean
from typing import Any

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.images import colour
from explorer.benchmarks.speed.views import pil, transforms

BATCH, WARM = 256, 2  # images of a step; steps that are not counted
TRAIN = {"encoder": "conv", "batch": BATCH, "epochs": 1000, "optimizer": "adamw", "lr": 2e-3, "schedule": "constant"}


@comparison
class SimclrStep(Comparison):
    """A training step of SimCLR on 32×32 colour images, with the same layers: encoder `conv`, batch 256."""

    against, packages, installed = "SimCLRTransform, DataLoader, NTXentLoss", ("lightly", "torchvision"), True
    unit, goal, size, small = "images", 2.0, 20, 2

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps of the training loop."""
        return steps(size, clock)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same layers in a plain loop, with the transform and the loss of lightly."""
        images = colour(16 * BATCH)
        steps = plain_steps(pil(images.x))
        for _ in range(WARM):
            next(steps)
        with clock:
            losses = [next(steps) for _ in range(size)]
        return answer(losses, images.data)


def steps(size: int, clock: Clock) -> Row:
    """So many steps of the training loop."""
    import torch

    from explorer.core import Split
    from explorer.methods import METHODS
    from explorer.models import build
    from explorer.train import Fit

    images = colour(16 * BATCH)
    split = Split(torch.from_numpy(images.x), torch.zeros(len(images.x), dtype=torch.long), ("all",), "")
    cfg = METHODS["simclr"].training(TRAIN)
    method = build.fresh("simclr", {}, cfg, split.spec("shapes")).to(memory_format=torch.channels_last)
    fit = Fit(method, split, cfg)
    for _ in range(WARM):
        next(fit)
    with clock:
        losses = [next(fit).out["loss"].item() for _ in range(size)]
    return answer(losses, images.data)


def answer(losses: list[float], data: str) -> Row:
    """The images seen, and the loss of the last quarter of the steps."""
    return {"n": BATCH * len(losses), "data": data, "checks": {"loss": mean(losses[-max(1, len(losses) // 4) :])}}


def plain_steps(pictures: list[Any]) -> Iterator[float]:
    """The loss of each step."""
    import torch

    transform = transforms()
    from lightly.loss import NTXentLoss
    from torch.utils.data import DataLoader

    from explorer.methods import METHODS

    torch.manual_seed(0)
    cfg = METHODS["simclr"].training(TRAIN)
    loader = DataLoader(Transformed(pictures, transform), BATCH, shuffle=True, drop_last=True)
    model, criterion = network(METHODS["simclr"].Config().projection), NTXentLoss(temperature=0.5)
    optimizer = torch.optim.AdamW(model.parameters(), lr=cfg.lr, weight_decay=cfg.weight_decay)
    for one, other in chain.from_iterable(repeat(loader)):
        loss = criterion(model(one), model(other))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def network(projection: int) -> Any:
    """Our encoder and a projection head of the same layers, as plain modules."""
    from torch import nn

    from explorer.core import ENCODERS

    encoder = ENCODERS["conv"](3, 32)
    width = encoder.out_dim
    return nn.Sequential(encoder, nn.Linear(width, width), nn.ReLU(), nn.Linear(width, projection))


class Transformed:
    """Images as a data set that gives their transforms."""

    def __init__(self, images: list[Any], transform: Any) -> None:
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, row: int) -> Any:
        return self.transform(self.images[row])
