"""Anything with an embedding: images in, representation out."""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from explorer.core import Method, TrainConfig, pixels, unit
from explorer.models.batches import BATCH, in_batches
from explorer.models.devices import device
from explorer.models.geometry import fit_geometry


class Model(ABC):
    """Anything with an embedding. Arrays in, arrays out: images are `uint8 [N, C, H, W]`, codes `float32 [N, D]`."""

    decodes = False

    def __init__(self, ref: str, title: str) -> None:
        self.ref, self.title = ref, title

    @abstractmethod
    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """The representation `[N, D]` of images of any size."""


class Network(Model):
    """A method's network in eval mode."""

    def __init__(self, ref: str, title: str, method: Method, train: TrainConfig) -> None:
        super().__init__(ref, title)
        self.method = method.eval().to(device(), memory_format=torch.channels_last)
        self.train, self.spec = train, method.spec
        self.decodes = type(method).decode is not Method.decode

    def images(self, x: np.ndarray) -> Tensor:
        """The images as this network wants them, on its device."""
        return fit_geometry(unit(torch.from_numpy(np.array(x)).to(device())), self.spec.channels, self.spec.size)

    @cached_property
    def dim(self) -> int:
        """Numbers in one representation."""
        return self.embed(np.zeros((1, self.spec.channels, self.spec.size, self.spec.size), np.uint8)).shape[1]

    def embed(self, x: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """What the method calls its representation."""
        return in_batches(lambda part: self.method.embed(self.images(part)), x, batch)

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images `uint8` of these codes."""
        return pixels(self.method.decode(torch.from_numpy(np.asarray(z, np.float32)).to(device()))).cpu().numpy()
