"""Heads: what a method puts on the representation and throws away afterwards."""

from itertools import pairwise

from torch import nn


def mlp(*widths: int, norm: bool = False) -> nn.Sequential:
    """Linear layers of these widths, ReLU between and none at the end; `norm` adds batch norm before each ReLU."""
    layers: list[nn.Module] = []
    for i, (a, b) in enumerate(pairwise(widths)):
        last = i == len(widths) - 2
        layers.append(nn.Linear(a, b, bias=last or not norm))
        if not last:
            layers += [nn.BatchNorm1d(b), nn.ReLU()] if norm else [nn.ReLU()]
    return nn.Sequential(*layers)
