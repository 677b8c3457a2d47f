"""What waits: the position of a run, when it starts, and what stands before a training that is not submitted yet."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import Refused, engine, runs
from explorer.engine import eta, snapshot
from explorer.runs import locks
from pages.ui.kit import identity, url_state
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


@pytest.mark.parametrize("whose", ["me", ""])
def test_the_queue_which_comes_and_goes_stands_below_ones_own_runs(whose, monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)  # there is no page to lead to
    monkeypatch.setattr(identity, "me", lambda: "me")
    monkeypatch.setattr(queue, "show", lambda: queue.st.markdown("the queue"))
    runs.create(spec().model_copy(update={"kind": "train", "title": "mine", "user": whose}))
    at = AppTest.from_file(f"{runs.REPOSITORY}/pages/runs.py").run(timeout=60)
    assert not at.exception
    shown = [it.value for it in at.markdown]
    assert shown.count("the queue") == 1
    assert not whose or shown.index("**mine**") < shown.index("the queue")


def stopped(id: str, button: str) -> None:
    from explorer import runs
    from pages.ui.runs import queue, run_list

    run = runs.get(id)
    {"stop": run_list.stop, "leave": lambda run: queue._row(1, run)}[button](run)


@pytest.mark.parametrize("button", ["stop", "leave"])
def test_a_run_that_is_gone_when_it_is_stopped_is_a_sentence(button, monkeypatch):
    monkeypatch.setattr(url_state, "link", lambda *words, **query: None)
    monkeypatch.setattr(identity, "me", lambda: "me")
    monkeypatch.setattr(queue, "_when", lambda run: "")
    run = runs.create(spec().model_copy(update={"kind": "train", "title": "mine", "user": "me"}))
    monkeypatch.setattr(engine, "request_stop", refuse)
    at = AppTest.from_function(stopped, args=(run.id, button)).run(timeout=60)
    at.button(key=f"{button}-{run.id}").click().run(timeout=60)
    assert not at.exception
    assert [it.value for it in at.error] == ["There is no run of that id."]


def refuse(id: str) -> None:
    raise Refused("there is no run of that id")
