"""The line of trainings that wait: where a run stands in it, when it starts, who comes before it."""

import streamlit as st

from explorer import engine
from explorer.runs import Run
from pages.ui.kit import identity, messages, url_state

LOOK = 3.0  # seconds between two looks at the line


def place(run: Run, when: bool = True) -> str:
    """Where a run stands that has not been started: its place in the line, and `when` its turn comes if it is known."""
    n = engine.recent_snapshot().position(run)
    if n <= 1 and not engine.recent_snapshot().busy(run):
        return "the engine is starting" if engine.starting() else "about to start"
    if not n:
        return "about to start"
    return f"{messages.ordinal(n)} in the queue" + (_when(run, ", starts in about {}") if when else "")


def _when(run: Run, words: str) -> str:
    seconds = engine.recent_snapshot().wait_seconds(run)
    return "" if seconds is None else words.format(messages.roughly(seconds))


def line() -> None:
    """Who waits, next first, folded; nothing unless several do. Looks again by itself."""
    if len(_waiting()) > 1:
        st.fragment(_look, run_every=LOOK)()


def _waiting() -> list[Run]:
    return [run for run in engine.recent_snapshot().line if run.spec.kind == "train"]


def _look() -> None:
    engine.reconcile()
    if len(waiting := _waiting()) < 2:
        return
    with st.expander(f"The queue: {len(waiting)} wait", icon=":material/format_list_numbered:", key="queue"):
        for n, run in enumerate(waiting, 1):
            _row(n, run)


def _row(n: int, run: Run) -> None:
    own = identity.mine(run)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"waits-{run.id}"):
        st.markdown(f"{n}", width=24)
        with st.container(gap=None):
            title = messages.plain(run.title)
            if own:
                here = run.id == st.query_params.get("run")
                url_state.link("train", f"**{title}**" if here else title, run=run.id)
            else:
                st.markdown(title)
            st.caption(("yours" if own else "another browser's") + _when(run, ", starts in about {}"))
        if own:
            stop = {"help": "Stop", "icon": ":material/stop_circle:", "type": "tertiary"}
            st.button("", on_click=engine.request_stop, args=(run.id,), key=f"leave-{run.id}", **stop)
