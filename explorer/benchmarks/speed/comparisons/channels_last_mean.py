"""A training step with the mean over the channels-last view, against one with the mean over the last two axes."""

from unittest.mock import patch

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.comparisons.simclr_step import steps


@comparison
class ChannelsLastMean(Comparison):
    """A training step of SimCLR, batch 256, whose mean over places hands back a channels-last gradient."""

    against = "the same, mean((2, 3))"
    unit, goal, size, small = "images", 1.05, 20, 2

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps."""
        return steps(size, clock)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same steps, with the plain mean."""
        from explorer.core import Encoder

        with patch.object(Encoder, "forward", lambda self, x: self.feature_map(x).mean((2, 3))):
            return steps(size, clock)
