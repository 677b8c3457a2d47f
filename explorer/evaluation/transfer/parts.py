"""The blocks of an encoder that is trained, from input to output, with the parameters that its features depend on."""

from typing import NamedTuple

import torch
from torch import nn

from explorer.core import DataSpec
from explorer.core.encoder import blocks
from explorer.models.geometry import network_input

REST = "what stands beside the blocks"


class Part(NamedTuple):
    """What is frozen or trained as a whole."""

    name: str
    module: nn.Module | None  # None: parameters that stand in no block
    parameters: list[nn.Parameter]


def parts(encoder: nn.Module, spec: DataSpec) -> list[Part]:
    """The blocks, with each parameter in the first block that has it; heads that features do not pass are in none.

    An encoder is a bare network or a method, whose network is its `encoder`. Only parameters that require a gradient
    count. Parameters outside all blocks come first, as a part of their own.
    """
    left = {id(each) for each in reached(encoder, spec)}
    found = []
    for name, block in blocks(_network(encoder)):
        own = [each for each in block.parameters() if id(each) in left]
        left -= set(map(id, own))
        if own:
            found.append(Part(name, block, own))
    rest = [each for each in encoder.parameters() if id(each) in left]
    return [*([Part(REST, None, rest)] if rest else []), *found]


def reached(encoder: nn.Module, spec: DataSpec) -> list[nn.Parameter]:
    """The parameters that its features depend on, as autograd sees it on two blank images; no buffer changes."""
    wanted = [each for each in encoder.parameters() if each.requires_grad]
    if not wanted:
        return []
    encoder.eval()
    blank = torch.zeros(2, *spec.shape, dtype=torch.uint8, device=wanted[0].device)
    with torch.enable_grad():
        features = encoder.embed(network_input(blank, spec))
        if not features.requires_grad:
            return []
        gradients = torch.autograd.grad(features.sum(), wanted, allow_unused=True)
    return [each for each, gradient in zip(wanted, gradients, strict=True) if gradient is not None]


def _network(encoder: nn.Module) -> nn.Module:
    inside = getattr(encoder, "encoder", None)
    return inside if isinstance(inside, nn.Module) and not hasattr(type(encoder), "blocks") else encoder
