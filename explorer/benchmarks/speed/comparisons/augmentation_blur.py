"""SimCLR's augmentation as the peer has it by default, with a blur of every second view."""

from explorer.benchmarks.speed import comparison
from explorer.benchmarks.speed.views import Strength, Views


@comparison
class AugmentationBlur(Views):
    """SimCLR's augmentation with lightly's defaults: crops from 0.08, full colour jitter, half of the views blurred."""

    strength = Strength(0.08, 1.0, 0.5)
