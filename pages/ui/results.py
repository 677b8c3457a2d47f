"""Jobs whose results a page shows: a stored one at once, else the job's progress in its place until it is there."""

import time
from collections.abc import Iterable

import streamlit as st

from explorer import Refused, jobs, runs
from explorer.runs import Run, Spec, Status
from pages.ui import say

LOOK = 1.0  # seconds between two looks
TH = {1: "st", 2: "nd", 3: "rd"}


def ask(spec: Spec) -> Run:
    """The job of this spec: done before, under way, or submitted herewith. One that failed is not tried again."""
    try:
        run = runs.get(runs.address(spec))
        if run.status.state != "stopped":
            return run
    except Refused:  # nobody asked for it yet
        pass
    run = jobs.submit(spec)
    st.session_state.setdefault("_asked", set()).add(run.id)
    return run


def withdraw(wanted: Iterable[str]) -> None:
    """Stop the jobs that this visitor asked for and does not want any more."""
    asked = st.session_state.setdefault("_asked", set())
    for id in asked - set(wanted):
        jobs.request_stop(id)
    asked &= set(wanted)


def wait(run: Run, height: int) -> None:
    """Where an unfinished job stands, in the place of its result; when it has ended, the whole page runs again."""
    st.fragment(_look, run_every=None if run.status.final else LOOK)(run.id, height)


def _look(id: str, height: int) -> None:
    try:
        run = runs.get(id)
    except Refused:  # deleted meanwhile
        st.rerun()
    status = run.status
    if status.final and status.state != "failed":
        st.rerun()
    jobs.reconcile()
    box = st.container(
        border=True, height=height, horizontal_alignment="center", vertical_alignment="center", key=f"wait-{id}"
    )
    with box:
        if status.state == "failed":
            _failed(run, status)
        else:
            words = say.plain(place(run, status))
            st.caption(f":material/hourglass_top: {words}", width="content", text_alignment="center")
            if status.steps:
                st.progress(min(1.0, status.step / status.steps))


def _failed(run: Run, status: Status) -> None:
    st.markdown(
        f":material/error: {say.plain(say.sentence(status.error or 'It left no reason'))}", text_alignment="center"
    )
    if st.button("Try again", icon=":material/refresh:", key=f"again-{run.id}"):
        jobs.submit(run.spec)
        st.rerun()


def place(run: Run, status: Status) -> str:
    """Where an unfinished job stands, in a few words."""
    if status.state == "running":
        since = max(0, round(time.time() - status.started)) if status.started else 0
        words = status.message or "Under way"
        return f"{words[:1].upper()}{words[1:]}: {f'{since} s' if since < 60 else say.duration(since)}"
    if status.message:
        return say.sentence(status.message).rstrip(".")
    waiting = jobs.queue()
    position = waiting.index(run.id) + 1 if run.id in waiting else 1
    at = "Next" if position == 1 else f"{position}{_th(position)} in the queue"
    working = next((other for other in runs.unfinished() if other.status.state == "running"), None)
    if working is None:
        return "The engine is starting" if position == 1 else at
    return at if working.spec.kind == run.spec.kind else f"{at}, after {working.title}"


def _th(n: int) -> str:
    return "th" if n % 100 in (11, 12, 13) else TH.get(n % 10, "th")
