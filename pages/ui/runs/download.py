"""A file that a job makes to be downloaded: a button, the job's progress, then the link."""

from collections.abc import Callable
from html import escape

import streamlit as st

from explorer import engine, runs
from explorer.runs import Run, Spec
from pages.ui.app import routes
from pages.ui.kit import identity, messages
from pages.ui.runs import job_progress

LOOK = 1.0  # seconds between two looks
AGAIN = ("stopped", "failed")


def offer(wish: Callable[[], Spec], key: str, label: str, note: str = "") -> None:
    """The way to the file of the job that `wish` asks for: a button, and once it was made, a link in its place."""
    with messages.guard():
        spec = wish()
        run = runs.find(runs.address(spec))
        if run is None or run.status.state in AGAIN:
            _button(spec, run, key, label, note)
        elif run.status.final:
            _link(run, label)
        else:
            st.fragment(_look, run_every=LOOK)(run.id, label)


def _button(spec: Spec, run: Run | None, key: str, label: str, note: str) -> None:
    if st.button(label, key=key, icon=":material/folder_zip:", type="tertiary", help=note or None):
        engine.submit(spec, user=identity.me())
        st.rerun()
    if run is not None and run.status.error:
        st.caption(f":material/error: {messages.plain(messages.sentence(run.status.error))}")


def _look(id: str, label: str) -> None:
    run = runs.find(id)
    if run is None:  # deleted meanwhile
        st.rerun()
    status = run.status
    if status.final:
        st.rerun()
    engine.reconcile()
    words = messages.sentence(job_progress.place(run, status)).rstrip(".")
    st.caption(f":material/hourglass_top: {messages.plain(f'{label}: {words}')}", width="content")


def _link(run: Run, label: str) -> None:
    """A link that saves the file. Streamlit's own button would read all of it into the memory of the server."""
    name, size = routes.downloads(run), messages.amount(routes.made(run).stat().st_size)
    st.html(
        f'<a class="unfold-download" href="/result/{escape(run.id)}/{escape(name)}" download="{escape(name)}">'
        f"{escape(label)} <small>{size}</small></a>",
        width="content",
    )
