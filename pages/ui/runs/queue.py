"""The queue of trainings: a run's position in it, when it starts, which ones come before it."""

import streamlit as st

from explorer import engine
from explorer.runs import Run, Spec
from pages.ui.kit import actions, messages, url_state
from pages.ui.runs import ownership, polling

EVERY = 3.0  # seconds between two polls
SOON = 5.0  # seconds: an estimate below is no better than "soon"


def position(run: Run, when: bool = True) -> str:
    """The position of a run that has not been started, and with `when` how long it will wait, if that is known."""
    n = engine.recent_snapshot().position(run)
    if n <= 1 and not engine.recent_snapshot().busy(run):
        return "the engine is starting" if engine.starting() else "about to start"
    if not n:
        return "about to start"
    return f"{messages.ordinal(n)} in the queue" + (_when(run) if when else "")


def _when(run: Run) -> str:
    """When a run starts; one that is under way may take longer than thought, and then nobody knows the second."""
    seconds = engine.recent_snapshot().wait_seconds(run)
    if seconds is None:
        return ""
    return ", starts soon" if seconds < SOON else f", starts in about {messages.roughly(seconds)}"


def ahead(spec: Spec) -> str:
    """What stands before a training that is not submitted yet, in a sentence; empty where it starts at once."""
    snapshot = engine.recent_snapshot()
    if snapshot.free(spec):
        return ""
    running = sum(run.id in snapshot.held and run.spec.pool == spec.pool for run in snapshot.runs)
    waiting = len(snapshot.waiting(spec.pool))
    if not running and not waiting:
        return "This training waits in the queue for its turn."
    return f"{_others(running, waiting)}: this one waits in the queue for its turn."


def _others(running: int, waiting: int) -> str:
    """How many other trainings run and how many wait, at least one of them."""
    wait = "waits" if waiting == 1 else "wait"
    if not running:
        return f"{'Another training' if waiting == 1 else f'{waiting} other trainings'} {wait}"
    run = "Another training is running" if running == 1 else f"{running} other trainings are running"
    return f"{run}, {waiting} more {wait}" if waiting else run


def show() -> None:
    """The queue, next first, folded; nothing unless several trainings wait. It is polled."""
    if len(_waiting()) > 1:
        polling.poll(None, _draw, EVERY)


def _waiting() -> list[Run]:
    return [run for run in engine.recent_snapshot().line if run.spec.kind == "train"]


def _draw() -> None:
    if len(waiting := _waiting()) < 2:
        return
    with st.expander(f"Queue: {len(waiting)} trainings waiting", icon=":material/format_list_numbered:", key="queue"):
        for n, run in enumerate(waiting, 1):
            _row(n, run)


def _row(n: int, run: Run) -> None:
    own = ownership.mine(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"waits-{run.id}"):
        st.markdown(f"{n}", width=24)
        with st.container(gap=None):
            title = messages.plain(run.title)
            if own:
                here = run.id == url_state.read("run")
                url_state.link("runs", f"**{title}**" if here else title, run=run.id)
            else:
                st.markdown(title)
            st.caption(messages.plain(ownership.whose(run)) + _when(run))
        if own:
            stop = {"help": "Stop", "icon": ":material/stop_circle:", "type": "tertiary"}
            actions.button("", ownership.stop, run.id, key=f"leave-{run.id}", **stop)
