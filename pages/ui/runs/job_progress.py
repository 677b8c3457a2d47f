"""Jobs whose results a page shows: a stored one at once, else the job's progress in its place until it is there."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

import streamlit as st

from explorer import Refused, engine, runs
from explorer.runs import Run, Spec, Status
from pages.ui.kit import actions, messages
from pages.ui.runs import ownership, polling, queue

EVERY = 1.0  # seconds between two polls


def request(spec: Spec) -> Run:
    """The job of this spec: done before, under way, or submitted now. One that failed is not tried again.

    Neither is one that this visitor has stopped, unless it was not wanted in between. One that was stopped otherwise,
    as when somebody else has left a page that wanted it too, is submitted anew.
    """
    run = ownership.find(runs.address(spec))
    if run is None or (run.status.state == "stopped" and run.id not in ownership.stopped()):
        return again(spec)
    return run


def again(spec: Spec) -> Run:
    """The job of this spec, submitted also where it was stopped or has failed."""
    run = ownership.submit(spec)
    ownership.stopped().discard(run.id)
    st.session_state.setdefault("_requested", set()).add(run.id)
    return run


def withdraw(wanted: Iterable[str]) -> None:
    """Stop the jobs that this visitor has requested and does not want any more."""
    requested, wanted = st.session_state.setdefault("_requested", set()), set(wanted)
    for id in requested - wanted:
        with suppress(Refused):  # it was deleted with its model
            engine.request_stop(id)
    requested &= wanted
    ownership.stopped().intersection_update(wanted)


def wait(
    run: Run,
    height: int,
    note: str = "",
    stop: Callable[[Run], None] | None = None,
    picture: Callable[[Run], None] | None = None,
) -> None:
    """How far a job without a result is, in its place; when it has ended, the whole page runs again.

    One that has failed or was stopped says so here, and is offered anew. `stop` draws the button that stops it,
    `picture` what it has made so far.
    """
    final = run.status.final
    draw = partial(_progress, final=final, height=height, note=note, stop=stop, picture=picture)
    polling.poll(run.id, draw, None if final else EVERY)


def _progress(
    run: Run,
    final: bool,
    height: int,
    note: str,
    stop: Callable[[Run], None] | None,
    picture: Callable[[Run], None] | None = None,
) -> None:
    """A job as it stands; `final` is whether it had ended when the whole page was drawn."""
    status = run.status
    if status.final != final or status.state == "done":
        st.rerun()
    box = st.container(
        border=True, height=height, horizontal_alignment="center", vertical_alignment="center", key=f"wait-{run.id}"
    )
    with box:
        if status.state == "failed":
            _failed(run, status)
        elif status.final:
            st.markdown(":material/stop_circle: The computation was stopped.", text_alignment="center")
            actions.button("Compute it", again, run.spec, icon=":material/play_arrow:", key=f"again-{run.id}")
        else:
            if picture and status.state == "running":
                picture(run)
            words = messages.plain(messages.sentence(progress(run, status)).rstrip("."))
            words += f"  \n{note}" if note and status.state == "running" else ""
            st.caption(f":material/hourglass_top: {words}", width="content", text_alignment="center")
            if status.steps:
                st.progress(min(1.0, status.step / status.steps))
            if stop:
                stop(run)


def _failed(run: Run, status: Status) -> None:
    st.markdown(
        f":material/error: {messages.plain(messages.sentence(status.error or 'No reason was recorded'))}",
        text_alignment="center",
    )
    actions.button("Try again", again, run.spec, icon=":material/refresh:", key=f"again-{run.id}")


def progress(run: Run, status: Status) -> str:
    """How far an unfinished job is, in a few words."""
    if status.state != "running":
        return status.message or queue.position(run)
    since = max(0, round(time.time() - status.started)) if status.started else 0
    return f"{status.message or 'under way'}: {f'{since} s' if since < 60 else messages.duration(since)}{_left(status)}"


def _left(status: Status) -> str:
    """How long it will go on at its present pace, where it counts its steps and has done some."""
    if not status.started or not 0 < status.step < status.steps:
        return ""
    pace = (time.time() - status.started) / status.step
    return f", about {messages.roughly(pace * (status.steps - status.step))} left"
