"""Anything with an embedding: images, or rows of another kind, in; representation out."""

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from explorer.core import Method, TrainConfig, pixels
from explorer.models.devices import device
from explorer.models.geometry import network_input


class Model(ABC):
    """Anything with an embedding. Arrays in, arrays out: images are `uint8 [N, C, H, W]`, texts `int32 [N, L]`.

    Codes are `float32 [N, D]`.
    """

    decodes = False

    def __init__(self, ref: str, title: str) -> None:
        self.ref, self.title = ref, title

    @abstractmethod
    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """The representation `[N, D]` of images of any size, or of the rows of another kind of data."""


class Network(Model):
    """A method's network in eval mode."""

    def __init__(self, ref: str, title: str, method: Method, train: TrainConfig) -> None:
        super().__init__(ref, title)
        self.method = method.eval().to(device(), memory_format=torch.channels_last)
        self.train, self.spec = train, method.spec
        self.decodes = type(method).decode is not Method.decode

    def images(self, x: np.ndarray) -> Tensor:
        """The images, or the rows of another kind, as this network wants them, on its device."""
        return network_input(torch.from_numpy(np.array(x)).to(device()), self.spec)

    @cached_property
    def dim(self) -> int:
        """Numbers in one representation."""
        return self.embed(np.zeros((1, *self.spec.shape), np.uint8)).shape[1]

    @torch.inference_mode()
    def embed(self, x: np.ndarray, batch: int = 500) -> np.ndarray:
        """What the method calls its representation."""
        parts = [self.method.embed(self.images(x[i : i + batch])).float().cpu() for i in range(0, len(x), batch)]
        return torch.cat(parts).numpy()

    @torch.inference_mode()
    def decode(self, z: np.ndarray) -> np.ndarray:
        """The images `uint8` of these codes."""
        return pixels(self.method.decode(torch.from_numpy(np.asarray(z, np.float32)).to(device()))).cpu().numpy()
