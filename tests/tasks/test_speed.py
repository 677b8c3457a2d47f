"""How fast this machine is does not depend on who else uses it at the moment."""

import time
from types import SimpleNamespace

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


def test_a_training_that_ends_meanwhile_is_timed_as_far_as_it_came():
    few = [step for step, _ in zip(steps(0.0), range(5), strict=False)]
    assert speed._timed(iter(few), "cpu") > 0
    assert speed._timed(iter([]), "cpu") == 0.0
