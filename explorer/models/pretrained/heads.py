"""The last layer of a classifier: found, replaced by one for other classes, and passed by."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor, nn

_passed: ContextVar[bool] = ContextVar("passed", default=False)  # of this thread alone


class LastLayer(nn.Module):
    """The last layer of a classifier, which hands on what it is given while it is passed by."""

    def __init__(self, layer: nn.Linear | nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Scores of classes; `x` itself inside `passed_by`."""
        return x if _passed.get() else self.layer(x)


@contextmanager
def passed_by() -> Iterator[None]:
    """In this block no `LastLayer` of this thread computes."""
    token = _passed.set(True)
    try:
        yield
    finally:
        _passed.reset(token)


def last_layer(network: nn.Module) -> str:
    """The path of the layer that scores the classes: the last linear one or convolution, as they are all built."""
    paths = [path for path, module in network.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)]
    if not paths:
        raise ValueError(f"{type(network).__name__} has no layer that scores classes")
    return paths[-1]


def new_layer(old: nn.Linear | nn.Conv2d, classes: int) -> nn.Linear | nn.Conv2d:
    """A layer like `old` for so many classes, with first weights of torch's global generator.

    They are drawn on the CPU, where the generator is seeded, so they are the same on every device.
    """
    about = {"bias": old.bias is not None, "device": "cpu", "dtype": old.weight.dtype}
    if isinstance(old, nn.Linear):
        layer = nn.Linear(old.in_features, classes, **about)
    else:
        layer = nn.Conv2d(old.in_channels, classes, old.kernel_size, old.stride, old.padding, **about)
    return layer.to(old.weight.device)


def replace_head(network: nn.Module, classes: int) -> nn.Linear | nn.Conv2d:
    """Put a last layer for so many classes into a classifier, as a file of its weights has it; returns that layer.

    What follows it stays, in SqueezeNet a ReLU. A head that is trained here is `new_head`, which has none.
    """
    path = last_layer(network)
    layer = new_layer(network.get_submodule(path), classes)
    network.set_submodule(path, layer)
    return layer


def new_head(old: nn.Linear | nn.Conv2d, classes: int) -> nn.Linear:
    """A new linear layer for so many classes on the representation `[B, D]`, with first weights as `old` would get.

    SqueezeNet's own last layer is a convolution with a ReLU between it and the mean over all places. A new one has no
    ReLU: the score of a class that is below 0 at all places of all images would have no gradient, and stay 0 (so it was
    with 3 of 10 seeds on ants and bees). Without it, convolution and mean are this linear layer on the mean.
    """
    width = old.in_features if isinstance(old, nn.Linear) else old.in_channels
    layer = nn.Linear(width, classes, old.bias is not None, device="cpu", dtype=old.weight.dtype)
    return layer.to(old.weight.device)
