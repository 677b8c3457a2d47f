"""Training on images that are read from the disk, against the same with all of them in memory."""

import os
from itertools import islice
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.images import colour

SET = 15  # times as many images stand in the file as are trained on: 600,000, chosen from all over it
BATCH, WARM = 128, 4


@comparison
class Streaming(Comparison):
    """Training the autoencoder on images of 32×32 in colour, read from a file of 15 times as many."""

    against = "the same with all images in memory"
    unit, goal, by, size, small = "images", 0.7, "seconds", 40_000, 1_000

    def ours(self, size: int, clock: Clock) -> Row:
        """The steps; no page of the file is in memory when they begin."""
        from explorer.data.stored import StoredRows
        from explorer.models.streamed import StreamedRows

        with TemporaryDirectory() as folder:
            stored = StoredRows(written(Path(folder) / "x.npy", SET * size))
            return trained(StreamedRows(stored, cpu()), size, clock)

    def peer(self, size: int, clock: Clock) -> Row:
        """The same steps on the same images."""
        import torch

        return trained(torch.from_numpy(colour(SET * size).x), size, clock)


def cpu() -> Any:
    """The device of both sides."""
    import torch

    return torch.device("cpu")


def written(path: Path, n: int) -> np.ndarray:
    """So many images in a file, which the system's cache has forgotten."""
    images = colour(n).x
    file = np.lib.format.open_memmap(path, "w+", images.dtype, images.shape)
    file[:] = images
    file.flush()
    del file
    with path.open("rb") as handle:
        os.fsync(handle.fileno())
        os.posix_fadvise(handle.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return np.load(path, mmap_mode="r")


def trained(x: Any, size: int, clock: Clock) -> Row:
    """The first steps of an epoch over all images; by the clock too, for a disk makes one wait."""
    import torch

    from explorer.core import Split
    from explorer.methods import METHODS
    from explorer.models import build
    from explorer.train import Fit

    split = Split(x, torch.zeros(len(x), dtype=torch.long), ("all",), "")
    cfg = METHODS["autoencoder"].training({"epochs": 1, "batch": BATCH})
    steps = iter(Fit(build.fresh("autoencoder", {}, cfg, split.spec("shapes")), split, cfg))
    for _ in islice(steps, WARM):
        pass
    with clock:
        losses = [step.out["loss"].item() for step in islice(steps, size // BATCH)]
    return {"n": BATCH * len(losses), "data": "shapes", "checks": {"loss": mean(losses[-100:])}}
