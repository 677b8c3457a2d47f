"""What the tests of runs work on: a description of a run, a shipped run, a clock, a disk that fails."""

import time

from explorer.runs import Spec


def spec(kind="train", **fields):
    return Spec(**{"kind": kind, "title": "SimCLR on digits", "method": "simclr", "dataset": "digits", **fields})


def fastest(action, times=5):
    """The shortest of some durations: other work on the machine only ever adds to it."""
    durations = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        durations.append(time.perf_counter() - start)
    return min(durations)


def fail(*_):
    raise OSError("broken")
