"""A pretrained classifier as a network: with weights from a file, or with first ones drawn from a seed."""

from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer.core import seeded
from explorer.models.model import Architecture, Network
from explorer.models.pretrained.catalogue import LITE, Weights
from explorer.models.pretrained.network import Pretrained, spec_of
from explorer.nn.efficientnet_lite import EfficientNetLite0
from explorer.system.torchvision import torchvision

AUXILIARY = ("aux1", "aux2", "AuxLogits")  # classifiers beside the last, that only a training from scratch wants


class WithoutNumbers(TorchFunctionMode):
    """In this block layers are built without numbers, on torch's meta device; what a network computes is computed."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Only what is left empty, to be initialised, is left out."""
        kwargs = kwargs or {}
        if func is torch.empty and kwargs.get("device") is None:
            kwargs = {**kwargs, "device": "meta"}
        return func(*args, **kwargs)


def architecture(weights: Weights) -> nn.Module:
    """The classifier that these weights are of, with first weights of torch's global generator."""
    if weights.network == LITE.network:
        return EfficientNetLite0()
    network = torchvision().models.get_model(weights.network, **_settings(weights))
    if hasattr(network, "aux_logits"):
        network.aux_logits = False
        for name in filter(lambda name: hasattr(network, name), AUXILIARY):
            setattr(network, name, None)
    return network


def _settings(weights: Weights) -> dict[str, Any]:
    """What torchvision itself sets for published weights."""
    if weights.network in ("googlenet", "inception_v3"):  # they were trained with colours on another scale
        return {"init_weights": True, "transform_input": True}
    return {"image_size": weights.size} if weights.network.startswith("vit_") else {}


def untrained(weights: Weights, seed: int) -> Pretrained:
    """The same classifier with first weights of a seed."""
    with seeded(seed):
        return Pretrained(architecture(weights), weights)


def network(ref: str, title: str, module: Pretrained) -> Network:
    """The model that a classifier is."""
    weights = module.weights
    recipe = f"{weights}, torchvision {torchvision().__version__}"

    def rebuild(seed: int) -> Pretrained:
        return untrained(weights, seed)

    return Network(ref, title, module, spec_of(weights), rebuild, recipe)


def hollow(weights: Weights) -> Architecture:
    """A classifier without numbers, on torch's meta device: hundreds of megabytes are neither read nor made."""
    with torch.device("meta"):
        return Architecture(Pretrained(architecture(weights), weights), spec_of(weights))
