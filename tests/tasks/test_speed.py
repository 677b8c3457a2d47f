"""How fast this machine is does not depend on who else uses it at the moment."""

import time
from types import SimpleNamespace

import pytest

from explorer import cuda_graph
from explorer.tasks import speed

IMAGES = 100  # per step


def steps(waits: float):
    """Steps that work for 4 ms of the processor and then wait, as if others had it."""
    for t in range(1, 10_000):
        until = time.process_time() + 0.004
        while time.process_time() < until:
            pass
        time.sleep(waits)
        yield SimpleNamespace(t=t, images=t * IMAGES, out={})


def test_what_others_take_of_the_processor_is_not_counted(monkeypatch):
    monkeypatch.setattr(speed, "SECONDS", 0.3)
    alone, among_others = speed._timed(steps(0.0), "cpu"), speed._timed(steps(0.016), "cpu")
    assert among_others > 0.5 * alone, "of five parts others had four"
    assert speed._timed(steps(0.016), "cuda") < 0.5 * among_others, "a GPU works while the processor waits"


def test_the_capture_of_a_cuda_graph_is_not_counted(monkeypatch):
    """The step of the capture takes an hour, and the first replay after it a minute."""
    hours = {cuda_graph.WARMUP + 1: 3600.0, cuda_graph.WARMUP + 2: 60.0}
    now = [0.0]

    def fit():
        for t in range(1, 1000):
            now[0] += hours.get(t, 0.01)
            yield SimpleNamespace(t=t, images=t * IMAGES, out={})

    monkeypatch.setattr(speed, "perf_counter", lambda: now[0])
    assert speed._timed(fit(), "cuda") == pytest.approx(IMAGES / 0.01)


@pytest.mark.parametrize("steps_made", [1, 5, 6])
def test_a_training_that_ends_meanwhile_is_timed_as_far_as_it_came(steps_made):
    few = [step for step, _ in zip(steps(0.0), range(steps_made), strict=False)]
    assert speed._timed(iter(few), "cpu") > 0
    assert speed._timed(iter([]), "cpu") == 0.0
