"""A training step where glibc keeps the memory of the step before, against one where Dask's default gives it back."""

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row, Side
from explorer.benchmarks.speed.comparisons.simclr_step import steps


@comparison
class MemoryThresholds(Comparison):
    """A training step of SimCLR, batch 256, in memory that the process keeps."""

    against = "the same, MALLOC_TRIM_THRESHOLD_=65536"
    unit, goal, size, small = "images", 1.05, 20, 2

    @classmethod
    def environment(cls, side: Side) -> dict[str, str]:
        """The peer has what Dask's nanny sets, which also stops glibc from raising its threshold for mapped memory."""
        return super().environment(side) if side == "ours" else {"MALLOC_TRIM_THRESHOLD_": "65536"}

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps."""
        return steps(size, clock)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same steps."""
        return steps(size, clock)
