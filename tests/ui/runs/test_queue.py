"""What waits: the position of a run, when it starts, and what stands before a training that is not submitted yet."""

from contextlib import ExitStack

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


@pytest.mark.parametrize(
    ("running", "waiting", "says"),
    [
        (0, 1, "Another training waits: this one waits in the queue for its turn."),
        (0, 2, "2 other trainings wait: this one waits in the queue for its turn."),
        (1, 0, "Another training is running: this one waits in the queue for its turn."),
        (1, 1, "Another training is running, 1 more waits: this one waits in the queue for its turn."),
        (2, 3, "2 other trainings are running, 3 more wait: this one waits in the queue for its turn."),
    ],
)
def test_a_training_that_will_wait_says_so_before_it_is_submitted(running, waiting, says):
    assert queue.ahead(spec()) == ""
    with ExitStack() as held:
        for number in range(running + waiting):
            run = runs.create(spec())
            if number < running:
                held.enter_context(locks.hold(run.folder / "lock"))
        snapshot.invalidate_snapshot()
        assert queue.ahead(spec()) == says


def test_a_training_for_which_there_is_no_room_at_all_waits_behind_nobody(monkeypatch):
    monkeypatch.setattr(snapshot.QueueSnapshot, "free", lambda *_: False)
    snapshot.invalidate_snapshot()
    assert queue.ahead(spec()) == "This training waits in the queue for its turn."


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
