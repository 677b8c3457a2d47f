"""A classifier that was trained elsewhere, as the models of this project are: it has an embedding."""

import torch
from torch import Tensor, nn

from explorer.core import CropSpec, unit
from explorer.models.geometry import fit_geometry
from explorer.models.pretrained.blocks import Block, blocks
from explorer.models.pretrained.catalogue import SCALES, Weights
from explorer.models.pretrained.heads import LastLayer, last_layer, new_head, passed_by
from explorer.system.torchvision import torchvision

CLASSES = 1000  # of ImageNet


class Pretrained(nn.Module):
    """A classifier; its representation is what its last layer is given.

    Images are `uint8` or numbers in [0, 1], grey or colour. Those of its own size are taken as they are (a training
    crop, say); of others the centre is cut out as its weights want it. It standardises the colours itself.
    """

    def __init__(self, network: nn.Module, weights: Weights, trained: bool = False) -> None:
        super().__init__()
        self.trained = trained  # on ImageNet
        path = last_layer(network)
        network.set_submodule(path, LastLayer(network.get_submodule(path)))
        self.network, self.weights, self.path = network, weights, path
        for name, values in zip(("mean", "std"), SCALES[weights.scale], strict=True):
            self.register_buffer(name, torch.tensor(values)[:, None, None], persistent=False)

    @staticmethod
    def can_train() -> bool:
        """All its weights."""
        return True

    def knows_imagenet(self) -> bool:
        """Whether its last layer is the one that was trained on ImageNet."""
        return self.trained and len(self.last.layer.weight) == CLASSES

    @staticmethod
    def names() -> tuple[str, ...]:
        """What ImageNet's classes are called, in the order of all its weights."""
        return tuple(torchvision().models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"])

    @property
    def last(self) -> LastLayer:
        """Its last layer; `last.layer` is the linear layer, or the convolution."""
        return self.network.get_submodule(self.path)

    def forward(self, x: Tensor) -> Tensor:
        """Scores `[B, classes]` of its last layer: of ImageNet's classes, unless that has been replaced."""
        return self.network(self.standardised(x))

    def embed(self, x: Tensor) -> Tensor:
        """What enters its last layer `[B, D]`; of one that looks at a map, the mean over the places."""
        with passed_by():
            return self.network(self.standardised(x))

    def new_head(self, classes: int) -> nn.Linear:
        """A new last layer for what `embed` gives."""
        return new_head(self.last.layer, classes)

    def standardised(self, x: Tensor) -> Tensor:
        """The images `[B, 3, size, size]` as the network was trained with them."""
        numbers = x if x.is_floating_point() else unit(x)
        about = self.weights
        images = fit_geometry(numbers, 3, about.size, about.resize, about.interpolation)
        return (images - self.mean) / self.std

    def blocks(self) -> list[Block]:
        """Its parts from input to output, with all its parameters but those of the last layer."""
        return blocks(self.network, self.last)


def spec_of(weights: Weights) -> CropSpec:
    """The images that a classifier was made for; the names of ImageNet's classes are not needed for anything."""
    shape = (3, weights.size, weights.size)
    return CropSpec("ImageNet", "image", shape, (), 0, resize=weights.resize, interpolation=weights.interpolation)
