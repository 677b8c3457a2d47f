"""Whose a run is."""

from collections.abc import Iterable

import streamlit as st

from explorer import engine, people
from explorer.models.reference import ModelRef
from explorer.runs import Run, Spec
from pages.ui.kit import identity, teacher, visibility

SUBMITTED = "_submitted"  # in the session: the ids of the runs that it has submitted
STOPPED = "_stopped"  # in the session: the ids of the runs that this visitor has stopped


def submit(spec: Spec) -> Run:
    """Submit a job for this visitor; of a browser without cookies the session knows that the run is its own."""
    run = engine.submit(spec, user=identity.me())
    st.session_state.setdefault(SUBMITTED, set()).add(run.id)
    return run


def stop(id: str) -> None:
    """Ask a run to stop, as this visitor has clicked."""
    engine.request_stop(id)
    stopped().add(id)


def stopped() -> set[str]:
    """The ids of the runs that this visitor has stopped."""
    return st.session_state.setdefault(STOPPED, set())


def mine(run: Run) -> bool:
    """Whether a run is this visitor's: of this browser, or without cookies of this session."""
    if run.spec.user:
        return run.spec.user == identity.me()
    return not run.shipped and run.id in st.session_state.get(SUBMITTED, ())


def may_change(run: Run) -> bool:
    """Whether this visitor may stop or delete a run: their own, and as a teacher everybody's."""
    return mine(run) or teacher.admitted()


def may_delete_set(owner: str) -> bool:
    """Whether this visitor may delete an imported set: their own, and as a teacher everybody's."""
    return bool(owner and owner == identity.me()) or teacher.admitted()


def seen(some: Iterable[Run]) -> list[Run]:
    """The runs that this visitor sees: none on pictures of somebody who does not share them, nor of models of such."""
    hidden = visibility.foreign()
    return [run for run in some if not hidden or not hidden.intersection(_looked_at(run))]


def _looked_at(run: Run) -> set[str]:
    """The data sets that a run is about: its own, and those on which its models were trained."""
    trained = (ModelRef.parse(ref).run for ref in run.spec.models)
    return {run.spec.dataset, *(it.spec.dataset for it in trained if it)}


def of_command_line(run: Run) -> bool:
    """Whether a run was started without a name: by the command line."""
    return not run.spec.user and not run.shipped


def whose(run: Run) -> str:
    """Who has started a run: yours, a nickname, or the command line."""
    return "yours" if mine(run) else people.name(run.spec.user)
