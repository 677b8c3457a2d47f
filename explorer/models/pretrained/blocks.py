"""A classifier as a list of blocks from input to output: what one cuts to fine-tune the last of them."""

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

Block = tuple[str, nn.Module]

NORMS = (_NormBase, nn.LayerNorm, nn.GroupNorm)


def blocks(network: nn.Module, without: nn.Module) -> list[Block]:
    """The parts of a network that have parameters, in the order of its definition, by their paths; none is in two.

    All parameters but those of `without`, the last layer, are in them. Sequences are split up, and so is what holds
    more than half of all numbers; a norm belongs to the layer before it.
    """
    excluded = set(without.parameters())
    sizes = sum(p.numel() for p in network.parameters() if p not in excluded)
    merged: list[tuple[str, list[nn.Module]]] = []
    for name, module in _parts(network, "", sizes, excluded):
        if merged and isinstance(module, NORMS):
            merged[-1][1].append(module)
        else:
            merged.append((name, [module]))
    return [(name, some[0] if len(some) == 1 else nn.ModuleList(some)) for name, some in merged]


def _parts(module: nn.Module, prefix: str, total: int, excluded: set[nn.Parameter]) -> Iterator[Block]:
    own = {name: p for name, p in module.named_parameters(recurse=False) if p not in excluded}
    if own:  # a class token, positions
        yield prefix + next(iter(own)), nn.ParameterDict(own)
    for name, child in module.named_children():
        numbers = set(child.parameters())
        if not numbers - excluded:
            continue
        large = sum(p.numel() for p in numbers - excluded) > total / 2
        if any(True for _ in child.children()) and (numbers & excluded or large or _is_sequence(child)):
            yield from _parts(child, f"{prefix}{name}.", total, excluded)
        else:
            yield prefix + name, child


def _is_sequence(module: nn.Module) -> bool:
    """Whether it is only a list of parts: a plain one, or one with parts all of a kind, as the blocks of a stage."""
    if type(module) in (nn.Sequential, nn.ModuleList):
        return True
    kinds = {type(child) for child in module.children()}
    return isinstance(module, nn.Sequential) and len(kinds) == 1 and len(list(module.children())) > 1
