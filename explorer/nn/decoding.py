"""Methods that draw an image again from its code: how they draw it, and what the best drawing would still cost."""

from abc import abstractmethod

from torch import Tensor

from explorer.core import Method
from explorer.losses import pixel_entropy
from explorer.nn.decoders import Decoder


class Decoding(Method):
    """A method whose decoder gives the logits of pixels."""

    decoder: Decoder

    def decode(self, z: Tensor) -> Tensor:
        """The reconstruction from a code."""
        return self.decoder(z).sigmoid()


class Additive(Method):
    """A method that reconstructs an image as a mean plus a sum of components, weighted by the code."""

    mean: Tensor  # [P]

    @abstractmethod
    def pictures(self) -> Tensor:
        """What each number of the code draws, `[K, P]`."""

    def draw(self, z: Tensor) -> Tensor:
        """The sum `[B, P]`, which may leave [0, 1]."""
        return z @ self.pictures() + self.mean

    def decode(self, z: Tensor) -> Tensor:
        """The same as images."""
        return self.draw(z).unflatten(1, (self.spec.channels, self.spec.size, self.spec.size)).clamp(0, 1)


def pixel_floor(x: Tensor, error: str) -> float | None:
    """The least that `pixel_error` can be on images `[N, C, H, W]`: the entropy of their pixels, or None where zero."""
    return pixel_entropy(x).item() if error == "bce" else None
