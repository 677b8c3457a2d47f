"""What the tests of studies conduct: a small study on few digits, and rows as a run would leave them."""

import json

from explorer.__main__ import main
from explorer.benchmarks import Arm, Protocol, Study
from explorer.benchmarks.budget import Cost

TINY = Protocol(
    seconds=0.064, subset=100, labels=100, batch=64, half_resolution=0.0, pooling=1, rates=(1.0,), width=0.5, test=100
)
COST = Cost(core_seconds=0.001, multiply_adds=1e6)  # of an image: TINY is one epoch
ARMS = [
    Arm("pixels", reference="pixels"),
    Arm("plain", "supervised"),
    Arm("smooth", "supervised", {"smoothing": 0.2}, against="plain"),
    Arm("long", "simclr", {"projection": 8}, {"lr": 1e-3}, longer=2, against="plain"),
]
SMALL = Study("small", "Is it so?", lambda: ARMS)
WORDS = (
    "--seconds", "0.064", "--subset", "100", "--labels", "100", "--half-resolution", "0", "--pooling", "1",
    "--rates", "1", "--width", "0.5", "--test", "100", "--threads", "1",
)  # fmt: skip


def go(out, *words, study="small", dataset="digits"):
    return main(["study", study, dataset, *WORDS, "--out", str(out), *words])


def stored(out):
    return [json.loads(line) for line in out.read_text().splitlines()]


def planted(arm, seed, study="small", protocol=TINY, **more):
    """A row as a run would leave it."""
    row = {"study": study, "dataset": "digits", "arm": arm.label, "asked": arm.definition(), "seed": seed}
    row |= {"protocol": protocol.as_row(), "extras": [], "data": "abcdef0123", "hardware": "a machine, 1 thread"}
    row |= {"torch": "2.0", "python": "3.11", "n_bank": 100, "n_test": 50, "seconds": 2.0, "train_seconds": 1.0}
    return row | {"labels": {"100": 100, "10": 10, "1": 10}} | more
