"""A file that a job makes to be downloaded: a button, the job's progress, then the link."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from explorer import runs
from explorer.runs import Run, Spec
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, messages
from pages.ui.kit.plain_text import markup
from pages.ui.runs import job_progress, ownership, polling

EVERY = 1.0  # seconds between two polls
AGAIN = ("stopped", "failed")


def path(run: Run) -> Path:
    """The file that a job of this kind makes to be downloaded."""
    return run.folder / str(TASKS[run.spec.kind].result)


def file_name(run: Run) -> str:
    """The name under which a job's file is downloaded; empty for a kind that makes none."""
    task = TASKS.get(run.spec.kind)
    if task is None or not task.download:
        return ""
    parts = [*run.spec.models, *([run.spec.dataset] if task.takes_data else [])]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", "-".join(parts)) + Path(task.result).suffix


def offer(request: Callable[[], Spec], key: str, label: str, note: str = "") -> None:
    """The way to the file of the job that `request` describes: a button, and once it was made, a link in its place."""
    with messages.guard():
        spec = request()
        run = ownership.find(runs.address(spec))
        if run is None or run.status.state in AGAIN:
            _button(spec, run, key, label, note)
        elif run.status.final:
            link(run, label)
        else:
            polling.poll(run.id, partial(_progress, label=label), EVERY)


def _button(spec: Spec, run: Run | None, key: str, label: str, note: str) -> None:
    actions.button(label, _submit, spec, key=key, icon=":material/folder_zip:", type="tertiary", help=note or None)
    if run is not None and run.status.error:
        st.caption(f":material/error: {messages.plain(messages.sentence(run.status.error))}")


def _submit(spec: Spec) -> None:
    ownership.submit(spec)


def _progress(run: Run, label: str) -> None:
    status = run.status
    if status.final:
        st.rerun()
    words = messages.sentence(job_progress.progress(run, status)).rstrip(".")
    st.caption(f":material/hourglass_top: {messages.plain(f'{label}: {words}')}", width="content")


def link(run: Run, label: str) -> None:
    """A link that saves the file. Streamlit's own button would read all of it into the memory of the server."""
    name, size = file_name(run), messages.amount(path(run).stat().st_size)
    st.html(
        f'<a class="unfold-download" href="/result/{markup(run.id)}/{markup(name)}" download="{markup(name)}">'
        f"{markup(label)} <small>{size}</small></a>",
        width="content",
    )
