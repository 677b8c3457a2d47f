"""SimCLR's augmentation as our method has it by default, against a transform of single PIL images."""

from explorer.benchmarks.speed import comparison
from explorer.benchmarks.speed.views import DEFAULT, Views


@comparison
class Augmentation(Views):
    """SimCLR's augmentation of 32×32 colour images with our defaults: crop, flip, colour jitter, greyscale."""

    strength = DEFAULT
