"""A small network from elsewhere, as `models.loading` gives one: dropout, batch norm, attention and a classifier."""

import torch
from torch import Tensor, nn

from explorer.core import DataSpec, seeded
from explorer.models.model import Network
from explorer.models.pretrained import heads

CLASSES = 7  # of the task that it was trained for


class Attention(nn.Module):
    """Self-attention between the places of a map."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(dim, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        """`[B, D, h, w]` to the same."""
        tokens = x.flatten(2).mT
        return (tokens + self.attention(tokens, tokens, tokens, need_weights=False)[0]).mT.unflatten(2, x.shape[2:])


class Foreign(nn.Module):
    """A classifier whose representation enters its last layer; `head` is that layer's kind."""

    def __init__(self, head: str = "linear") -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.middle = nn.Sequential(nn.Conv2d(8, 12, 3, 1, 1, groups=4), nn.BatchNorm2d(12), nn.ReLU(), nn.Dropout(0.5))
        self.top = Attention(12)
        self.last = nn.Linear(12, CLASSES) if head == "linear" else nn.Conv2d(12, CLASSES, 1)
        self.register_buffer("mean", torch.tensor((0.485, 0.456, 0.406))[:, None, None])

    def embed(self, x: Tensor) -> Tensor:
        return self.top(self.middle(self.stem(x - self.mean))).mean((2, 3))

    def new_head(self, classes: int) -> nn.Linear:
        return heads.new_head(self.last, classes)

    def blocks(self) -> list[tuple[str, nn.Module]]:
        return [("stem", self.stem), ("middle", self.middle), ("top", self.top)]


def foreign(head: str = "linear", size: int = 12) -> Network:
    """The same as a model."""

    def build(seed: int) -> Foreign:
        with seeded(seed):
            return Foreign(head)

    module = build(0)
    with torch.no_grad():  # as after a training: statistics are no longer those of the beginning
        module.stem[1].running_mean += 0.1
    return Network("foreign", "Foreign", module, DataSpec.image("elsewhere", 3, size, (), 0), build, f"foreign {head}")
