"""The engine's process for a run, against the same training in the foreground."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from explorer import Refused, data, runs
from explorer.benchmarks.speed import Clock, Comparison, comparison
from explorer.benchmarks.speed.comparison import Row
from explorer.benchmarks.speed.images import digits

EPOCHS = 3
POLL, PATIENCE = 0.5, 1800.0  # seconds


@comparison
class Engine(Comparison):
    """Three epochs of the autoencoder in the engine's process for a run."""

    against = "the same command with --foreground"
    unit, goal, size, small = "images", 0.97, 60_000, 2_000

    def ours(self, size: int, clock: Clock) -> Row:
        """The core-seconds of the steps, in the background; the engine is started by a small run before."""
        with own_runs():
            try:
                command(size, 1)
                return answer(size, command(size, EPOCHS))
            finally:
                subprocess.run([sys.executable, "-m", "explorer.engine", "shutdown"], capture_output=True)

    def peer(self, size: int, clock: Clock) -> Row:
        """The core-seconds of the steps, in the foreground."""
        with own_runs():
            return answer(size, command(size, EPOCHS, "--foreground"))


@contextmanager
def own_runs() -> Iterator[None]:
    """A folder of runs of its own, and with it an engine of its own."""
    before = dict(os.environ)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["EXPLORER_RUNS"] = folder
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def command(size: int, epochs: int, *words: str) -> runs.Run:
    """The run of a training, done; raises `Refused` where it fails."""
    dataset = "mnist" if digits(1).data == "MNIST" else "garments"
    name = f"epochs-{epochs}"
    options = ["--epochs", epochs, "--subset", size, "--threads", 1, "--name", name, *words]
    said = subprocess.run(
        [sys.executable, "-m", "explorer", "train", "autoencoder", dataset, *map(str, options)],
        capture_output=True, text=True,
    )  # fmt: skip
    if said.returncode:
        raise Refused(said.stderr.strip())
    run, deadline = runs.get(name), time.monotonic() + PATIENCE
    while not run.status.final and time.monotonic() < deadline:
        time.sleep(POLL)
    if run.status.state != "done":
        raise Refused(f"the training is {run.status.state}: {run.status.error or 'it took too long'}")
    return run


def answer(size: int, run: runs.Run) -> Row:
    """What the steps took, without what is watched and saved between them, and the loss of the last epoch."""
    import torch

    from explorer.tasks.training import checkpointing

    course = checkpointing.read(run.checkpoint(), torch.device("cpu"))["course"]
    rows = run.metrics()
    took = {"core_seconds": course["core_seconds"], "seconds": max(row.get("seconds", 0.0) for row in rows)}
    loss = next(row["train_loss"] for row in reversed(rows) if "train_loss" in row)
    return {**took, "n": run.status.images, "data": data.load(run.spec.dataset).title, "checks": {"loss": loss}}
