"""What waits: the position of a run, when it starts, and what stands before a training that is not submitted yet."""

import pytest

from explorer import runs
from explorer.engine import eta, snapshot
from explorer.runs import locks
from pages.ui.runs import queue
from tests.engine.tools import spec


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(None, ""), (0.0, ", starts soon"), (4.0, ", starts soon"), (120.0, ", starts in about 2 min")],
)
def test_an_estimate_that_is_used_up_is_no_number_of_seconds(seconds, says, monkeypatch):
    monkeypatch.setattr(eta, "starts", lambda line, under_way: {run.id: seconds for run in line})
    run = runs.create(spec())
    snapshot.invalidate_snapshot()
    assert queue._when(run) == says


def test_a_training_that_will_wait_says_so_before_it_is_submitted():
    assert queue.ahead(spec()) == ""
    first = runs.create(spec())
    with locks.hold(first.folder / "lock"):
        snapshot.invalidate_snapshot()
        assert queue.ahead(spec()).startswith("Another training is running: this one waits")
        runs.create(spec())
        snapshot.invalidate_snapshot()
        assert "running, 1 more waits: this one waits" in queue.ahead(spec())
