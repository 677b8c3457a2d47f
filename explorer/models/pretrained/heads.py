"""The last layer of a classifier: found, replaced by one for other classes, and passed by."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor, nn

_passed: ContextVar[list[Tensor] | None] = ContextVar("passed", default=None)  # of this thread alone


class LastLayer(nn.Module):
    """The last layer of a classifier, which hands on what it is given while it is passed by."""

    def __init__(self, layer: nn.Linear | nn.Conv2d) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """Scores of classes; `x` itself inside `passed_by`."""
        seen = _passed.get()
        if seen is None:
            return self.layer(x)
        seen.append(x)
        return x


@contextmanager
def passed_by() -> Iterator[list[Tensor]]:
    """In this block no `LastLayer` of this thread computes; the list collects what each is given."""
    token = _passed.set([])
    try:
        yield _passed.get()
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
    """Put a new last layer for so many classes into a classifier; returns that layer: what is trained when frozen."""
    path = last_layer(network)
    layer = new_layer(network.get_submodule(path), classes)
    network.set_submodule(path, layer)
    return layer


def head_on_features(old: nn.Linear | nn.Conv2d, classes: int) -> nn.Module:
    """A new last layer with what follows it, for what enters it: `[B, D]`, or a map `[B, D, h, w]` of a convolution.

    SqueezeNet has a ReLU between its convolution and the mean over all places, so a linear layer on means of the map
    would be another classifier.
    """
    layer = new_layer(old, classes)
    if isinstance(layer, nn.Linear):
        return layer
    return nn.Sequential(layer, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
