"""A stop at any moment: over within three seconds, nothing left behind, and the next run begins at once."""

import random
import time

import pytest

from explorer import engine
from tests.engine.tools import processes, spec, until

STOP, NEXT = 3.0, 2.0  # seconds
MOMENTS = [3, pytest.param(100, marks=pytest.mark.slow)]


@pytest.mark.parametrize("times", MOMENTS)
def test_a_run_can_be_cancelled_at_any_moment(own, monkeypatch, times):
    """One run in four does not listen. Some are hit while they wait, some in the making, most at work."""
    monkeypatch.delenv("EXPLORER_GRACE")  # as it is by default
    chance, stops, nexts = random.Random(times), [], []
    run = engine.submit(spec(steps=10_000))
    until(run.metrics)
    idle = len(processes(own))  # the engine and this one run
    for n in range(times):
        after = engine.submit(spec("deaf" if n % 4 == 1 else "count", steps=10_000))
        until(lambda after=after: after.status.start_tag is not None)  # the engine knows it
        time.sleep(chance.random() ** 2 * 0.7)
        stops.append(cancel(run))
        began = time.monotonic()
        until(lambda after=after: after.status.started, 20)
        nexts.append(time.monotonic() - began)
        time.sleep(chance.random() * 0.3)
        run = after
    cancel(run)
    until(lambda: len(processes(own)) < idle, 5)  # no orphan
    print(f"\n{times} cancels: stopped within {max(stops):.2f} s (median {sorted(stops)[times // 2]:.2f}), "
          f"the next run began within {max(nexts):.2f} s, no process was left")  # fmt: skip
    assert max(stops) <= STOP and max(nexts) <= NEXT


def cancel(run):
    """Seconds from the request until the run has ended and nobody holds it."""
    start = time.monotonic()
    engine.request_stop(run.id)
    until(lambda: run.status.final and not run.held(), 20)
    assert run.status.state == "stopped", run.status
    return time.monotonic() - start
