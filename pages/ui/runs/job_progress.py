"""Jobs whose results a page shows: a stored one at once, else the job's progress in its place until it is there."""

import time
from collections.abc import Iterable

import streamlit as st

from explorer import engine, runs
from explorer.runs import Run, Spec, Status
from pages.ui.kit import identity, messages
from pages.ui.runs import queue

LOOK = 1.0  # seconds between two looks


def ask(spec: Spec) -> Run:
    """The job of this spec: done before, under way, or submitted herewith. One that failed is not tried again."""
    run = runs.find(runs.address(spec))
    if run and run.status.state != "stopped":
        return run
    run = engine.submit(spec, user=identity.me())
    st.session_state.setdefault("_asked", set()).add(run.id)
    return run


def withdraw(wanted: Iterable[str]) -> None:
    """Stop the jobs that this visitor asked for and does not want any more."""
    asked = st.session_state.setdefault("_asked", set())
    for id in asked - set(wanted):
        engine.request_stop(id)
    asked &= set(wanted)


def wait(run: Run, height: int, note: str = "") -> None:
    """Where an unfinished job stands, in the place of its result; when it has ended, the whole page runs again."""
    st.fragment(_look, run_every=None if run.status.final else LOOK)(run.id, height, note)


def _look(id: str, height: int, note: str) -> None:
    run = runs.find(id)
    if run is None:  # deleted meanwhile
        st.rerun()
    status = run.status
    if status.final and status.state != "failed":
        st.rerun()
    engine.reconcile()
    box = st.container(
        border=True, height=height, horizontal_alignment="center", vertical_alignment="center", key=f"wait-{id}"
    )
    with box:
        if status.state == "failed":
            _failed(run, status)
        else:
            words = messages.plain(messages.sentence(place(run, status)).rstrip("."))
            words += f"  \n{note}" if note and status.state == "running" else ""
            st.caption(f":material/hourglass_top: {words}", width="content", text_alignment="center")
            if status.steps:
                st.progress(min(1.0, status.step / status.steps))


def _failed(run: Run, status: Status) -> None:
    st.markdown(
        f":material/error: {messages.plain(messages.sentence(status.error or 'It left no reason'))}",
        text_alignment="center",
    )
    if st.button("Try again", icon=":material/refresh:", key=f"again-{run.id}"):
        engine.submit(run.spec, user=identity.me())
        st.rerun()


def place(run: Run, status: Status) -> str:
    """Where an unfinished job stands, in a few words."""
    if status.state != "running":
        return status.message or queue.place(run)
    since = max(0, round(time.time() - status.started)) if status.started else 0
    return f"{status.message or 'under way'}: {f'{since} s' if since < 60 else messages.duration(since)}"
