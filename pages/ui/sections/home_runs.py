"""The latest runs on this machine as cards: the visitor's own, then those of the others in the room."""

from collections.abc import Sequence

import streamlit as st

from explorer.runs import Run
from pages.ui.kit import messages, url_state
from pages.ui.runs import ownership, queue, run_labels, run_list, run_picture

SHOWN = 4


def show(trainings: Sequence[Run]) -> None:
    """The visitor's latest runs, then those of other people; nothing of the command line."""
    mine = [run for run in trainings if ownership.mine(run)]
    others = [run for run in trainings if not (ownership.mine(run) or ownership.of_command_line(run))]
    messages.heading("My runs")
    if mine:
        _cards(mine)
    else:
        messages.empty("No runs yet", "Your trainings will stand here.", "new", "New training", "play_circle")
    if others:
        messages.heading("Latest runs of other people here")
        _cards(others)
    if len(mine) > SHOWN or len(others) > SHOWN:
        url_state.link("runs", "All runs", "list", run="")


def _cards(some: Sequence[Run]) -> None:
    titles = run_labels.titles(some)
    with st.grid(4, min_column_width=230, gap="small"):
        for run in some[:SHOWN]:
            with messages.guard():
                _card(run, titles[run.id])


def _card(run: Run, title: str) -> None:
    """What it learned as a picture, its name, its state, and what it is worth."""
    with st.container(border=True, height="stretch", key=f"run-card-{run.id}"):
        with messages.guard():
            if not run_picture.show(run):
                messages.caption(_no_picture(run))
        st.space("stretch")
        url_state.link("runs", messages.plain(title), run=run.id)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            run_list.badge(run.status.state)
            messages.caption(messages.plain(" · ".join(filter(None, [_whose(run), worth(run)]))))


def _no_picture(run: Run) -> str:
    """Why a run has no picture."""
    if not run.status.final:
        return "Its picture appears with its first step."
    if not run.frames():
        return "No picture: it ended before its first step."
    return "No picture: its data are not on this machine."


def _whose(run: Run) -> str:
    return "" if ownership.mine(run) else ownership.whose(run)


def worth(run: Run) -> str:
    """What it is worth; until that is known, how far it is."""
    status = run.status
    if status.state == "queued":
        return queue.position(run, when=False)
    return run_list.worth(run) or (f"step {status.step:,} of {status.steps:,}" if status.steps else "")
