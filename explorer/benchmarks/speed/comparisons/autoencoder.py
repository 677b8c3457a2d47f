"""An epoch of the lecture's autoencoder, against the lecture's own way: a DataLoader over single images."""

from collections.abc import Iterator
from itertools import pairwise
from statistics import mean
from typing import Any

import numpy as np

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.images import Pictures, digits

BATCH, HIDDEN, LATENT, WARM = 128, 128, 10, 512


@comparison
class Autoencoder(Comparison):
    """An epoch of the autoencoder 784-128-128-10 on 28×28 grey images: cross entropy, Adam, batch 128."""

    against, packages = "DataLoader, ToTensor", ("torchvision", "pillow")
    unit, goal, size, small = "images", 4.1, 60_000, 2_000

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps of the training loop."""
        images = digits(size)
        list(fit(images.x[:WARM]))
        steps = fit(images.x)
        with clock:
            losses = [step.out["loss"].item() for step in steps]
        return answer(images, losses)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same layers in a plain loop."""
        images = digits(size)
        list(plain_steps(images.x[:WARM]))
        steps = plain_steps(images.x)
        with clock:
            losses = list(steps)
        return answer(images, losses)


def answer(images: Pictures, losses: list[float]) -> Row:
    """The images seen, and the loss of the last 100 steps in nats per pixel."""
    return {"n": len(images.x), "data": images.data, "checks": {"loss": mean(losses[-100:])}}


def fit(x: np.ndarray, epochs: int = 1) -> Iterator[Any]:
    """Epochs of ours, with the method's own settings."""
    import torch

    from explorer.core import Split
    from explorer.methods import METHODS
    from explorer.models import build
    from explorer.train import Fit

    split = Split(torch.from_numpy(x), torch.zeros(len(x), dtype=torch.long), ("all",), "")
    cfg = METHODS["autoencoder"].training({"epochs": epochs, "batch": BATCH})
    method = build.fresh("autoencoder", {"hidden": HIDDEN, "latent": LATENT}, cfg, split.spec("digits"))
    return Fit(method.to(memory_format=torch.channels_last), split, cfg)


def plain_steps(x: np.ndarray) -> Iterator[float]:
    """The loss of each step of an epoch of the lecture's."""
    import torch
    from torch.utils.data import DataLoader

    torch.manual_seed(0)
    model, criterion = network(), torch.nn.BCELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for images, _ in DataLoader(Greys(x), BATCH, shuffle=True):
        images = images.flatten(1)
        loss = criterion(model(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def network() -> Any:
    """The lecture's layers: ReLU between them, none on the code, a sigmoid at the end."""
    from torch import nn

    sizes = (784, HIDDEN, HIDDEN, LATENT)
    down, up = (
        [layer for a, b in pairwise(way) for layer in (nn.Linear(a, b), nn.ReLU())][:-1] for way in (sizes, sizes[::-1])
    )
    return nn.Sequential(*down, *up, nn.Sigmoid())


class Greys:
    """Images and labels as torchvision's MNIST gives them: a tensor becomes a PIL image, and that a tensor again."""

    def __init__(self, x: np.ndarray) -> None:
        import torch

        from explorer.system.torchvision import torchvision

        self.x, self.y = torch.from_numpy(x[:, 0]), torch.zeros(len(x), dtype=torch.long)
        self.transform = torchvision().transforms.ToTensor()

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, row: int) -> Any:
        from PIL import Image

        return self.transform(Image.fromarray(self.x[row].numpy())), int(self.y[row])
