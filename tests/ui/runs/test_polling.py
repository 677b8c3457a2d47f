"""What is drawn again while a job goes on, and when the whole page runs instead."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import engine, runs
from explorer.runs import Spec
from pages.ui.kit import watch


def page(id: str) -> None:
    import streamlit as st

    from explorer import runs
    from pages.ui.kit import actions
    from pages.ui.runs import polling

    st.session_state["pages"] = st.session_state.get("pages", 0) + 1

    def draw(run) -> None:
        st.caption(run.title)
        actions.button("Act", lambda: None, key="act")

    if st.session_state["pages"] < 2 or runs.find(id):
        polling.poll(id, draw, 1.0)


def polled(monkeypatch):
    monkeypatch.setattr(engine, "reconcile", lambda: None)
    run = runs.create(Spec(kind="train", title="Mine", method="simclr", dataset="digits"))
    return run, AppTest.from_function(page, args=(run.id,))


def test_a_run_is_drawn_and_the_engine_looked_after(monkeypatch):
    _, at = polled(monkeypatch)
    looked_after = []
    monkeypatch.setattr(engine, "reconcile", lambda: looked_after.append(True))
    assert [it.value for it in at.run(timeout=60).caption] == ["Mine"]
    assert looked_after and at.session_state["pages"] == 1


def test_the_whole_page_runs_again_when_the_run_was_deleted(monkeypatch):
    run, at = polled(monkeypatch)
    run.update(state="done")
    runs.delete(run.id)
    at.run(timeout=60)
    assert not at.exception and not at.caption
    assert at.session_state["pages"] == 2


def test_the_whole_page_runs_again_after_a_click_in_what_is_polled(monkeypatch):
    _, at = polled(monkeypatch)
    at.run(timeout=60).button(key="act").click().run(timeout=60)
    assert at.session_state["pages"] == 3, "once for the click, which no frame has noted here, and once more"


def clocks(at: AppTest) -> list:
    return [it for it in at.get("bidi_component") if it.proto.component_name == "unfold_watch"]


def fails(*_) -> None:
    raise OSError("the disk is full")


@pytest.mark.parametrize("where", ["the engine", "what tells of changes"])
def test_the_clock_goes_on_after_an_error(where, monkeypatch):
    _, at = polled(monkeypatch)
    if where == "the engine":
        monkeypatch.setattr(engine, "reconcile", fails)
    else:
        drawn = watch.draw
        monkeypatch.setattr(watch, "draw", lambda part, every, source: drawn(part, every, fails))
    at.run(timeout=60)
    assert not at.exception and len(clocks(at)) == 1
    assert bool(at.error) == (where == "the engine")
