"""Files of weights, opened without running anything in them, and refused in words where they are not what they say."""

import re
from collections import OrderedDict
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from explorer.errors import Refused
from explorer.models.pretrained import places
from explorer.models.pretrained.build import AUXILIARY, WithoutNumbers, architecture
from explorer.models.pretrained.catalogue import Weights
from explorer.models.pretrained.heads import last_layer, replace_head
from explorer.models.pretrained.network import Pretrained

DENSE = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..*)")  # names of before torchvision's of today
COUNT = "num_batches_tracked"  # of batch norm, which older files lack
AGAIN = "delete it and fetch it again"


def opened(weights: Weights, path: Path, any_classes: bool = False) -> Pretrained:
    """The classifier with the weights of a file; raises `Refused` where they are damaged, or another network's.

    With `any_classes` they need not be ImageNet's: its last layer has as many as the file has.
    """
    if path.name == weights.file and not places.checksum(path).startswith(weights.checksum):
        raise Refused(
            f"{path} is damaged or another file: its SHA-256 does not begin with {weights.checksum[:8]}; {AGAIN}"
        )
    found = tensors(path)
    with WithoutNumbers():
        network = architecture(weights)
        last = found.get(f"{last_layer(network)}.weight")
        if any_classes and last is not None and last.ndim:
            replace_head(network, len(last))
    fill(network, found, path, weights.network)
    return Pretrained(network, weights, trained=not any_classes)


def tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, or of one that torch has saved, by name; no code in it is ever run."""
    try:
        found = _safetensors(path) if path.suffix == ".safetensors" else _saved_by_torch(path)
    except (SafetensorError, UnpicklingError, OSError, RuntimeError, ValueError, EOFError, KeyError, TypeError,
            AttributeError, IndexError, AssertionError) as error:  # fmt: skip
        raise Refused(f"{path} cannot be read as weights ({_reason(error)}): {AGAIN}") from None
    if not isinstance(found, dict) or not found or not all(isinstance(each, Tensor) for each in found.values()):
        raise Refused(f"{path} holds no weights by name: put a file there that holds a network's state_dict")
    return {str(name): tensor for name, tensor in found.items()}


def _safetensors(path: Path) -> dict[str, Tensor]:
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - no mapping


def _saved_by_torch(path: Path) -> Any:
    return torch.load(path, map_location="cpu", weights_only=True)


def _reason(error: Exception) -> str:
    """What was wrong in a few words: torch's own advice to run the code in a file is not passed on."""
    if isinstance(error, UnpicklingError):
        return "it is no plain file of weights, or holds code, which is not run"
    return " ".join(str(error).split())[:120].rstrip(".") or type(error).__name__


def fill(network: nn.Module, found: dict[str, Tensor], path: Path, name: str) -> None:
    """Put these tensors into a network; raises `Refused` where they are those of another one, or not finite."""
    found = {DENSE.sub(r"\1\2", key): tensor for key, tensor in found.items()}
    found = {key: tensor for key, tensor in found.items() if not key.startswith(tuple(f"{it}." for it in AUXILIARY))}
    wanted = network.state_dict()
    if wrong := misfit(wanted, found):
        raise Refused(f"{path} holds the weights of another network than {name}: {wrong}; put the right file there")
    numbers = OrderedDict((key, each.float() if each.is_floating_point() else each) for key, each in found.items())
    if bad := next((key for key, each in numbers.items() if not each.isfinite().all()), None):
        raise Refused(f"{path} holds numbers that are not finite, in {bad}: {AGAIN}")
    numbers._metadata = wanted._metadata  # the version of each part, which safetensors do not keep
    network.load_state_dict(numbers, strict=False, assign=True)


def misfit(wanted: dict[str, Tensor], found: dict[str, Tensor]) -> str:
    """The first thing that tells two networks apart, in words; empty where nothing does."""
    for key, tensor in wanted.items():
        if key not in found:
            if key.endswith(COUNT):
                continue
            return f"it lacks {key}"
        if found[key].shape != tensor.shape:
            return f"{key} is {_shape(found[key])} and not {_shape(tensor)}"
        if found[key].is_floating_point() != tensor.is_floating_point():
            return f"{key} is {found[key].dtype}"
    more = next((key for key in found if key not in wanted), None)
    return f"it has {more} besides" if more else ""


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"
