"""Epochs of an autoencoder without denormal numbers, against the same with them."""

from statistics import mean
from typing import Any

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.comparisons.autoencoder import fit
from explorer.benchmarks.speed.images import Pictures, digits

EPOCHS = 3  # Adam's moments of pixels that are hardly ever lit take a while to decay


@comparison
class Denormals(Comparison):
    """Three epochs of the autoencoder 784-128-128-10 where denormal numbers count as 0."""

    against = "the same, with denormal numbers"
    unit, goal, size, small = "images", 1.05, 30_000, 2_000

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps of the training loop, which flushes them."""
        images = digits(size)
        return timed(fit(images.x, EPOCHS), images, clock)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same steps; the processor computes with them, at many times the cost."""
        import torch

        images = digits(size)
        steps = fit(images.x, EPOCHS)
        torch.set_flush_denormal(False)
        try:
            return timed(steps, images, clock)
        finally:
            torch.set_flush_denormal(True)


def timed(steps: Any, images: Pictures, clock: Clock) -> Row:
    """The images seen, and the loss of the last 100 steps in nats per pixel."""
    with clock:
        losses = [step.out["loss"].item() for step in steps]
    return {"n": EPOCHS * len(images.x), "data": images.data, "checks": {"loss": mean(losses[-100:])}}
