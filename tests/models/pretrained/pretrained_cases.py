"""What the tests of pretrained networks share: an architecture without numbers, and small files of weights."""

import torch

from explorer.models.pretrained import build, catalogue
from explorer.models.pretrained.network import Pretrained

SHORT = list(catalogue.SHORT)


def on_meta(name: str) -> Pretrained:
    """A classifier whose parameters have shapes and no numbers."""
    weights = catalogue.find(name)
    with build.WithoutNumbers():
        network = build.architecture(weights)
    return Pretrained(network.to("meta"), weights).to("meta").eval()


def images(weights: catalogue.Weights, n: int = 1) -> torch.Tensor:
    """Images without numbers, as a network wants them."""
    return torch.zeros(n, 3, weights.size, weights.size, device="meta")
