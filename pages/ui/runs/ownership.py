"""Whose a run is."""

from collections.abc import Iterable

import streamlit as st

from explorer import engine, people, runs
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


def sees(run: Run) -> bool:
    """Whether this visitor sees a run: not one on pictures of somebody who does not share them, nor of such models."""
    names, left, known = {run.spec.dataset}, list(run.spec.models), {run.id}
    while left:
        name = left.pop().partition("@")[0]
        names.add(name)
        if name not in known and (model := runs.find(name)):
            names.add(model.spec.dataset)
            left.extend(model.spec.models)
        known.add(name)
    return all(map(visibility.sees, names))


def seen(some: Iterable[Run]) -> list[Run]:
    """Those of these runs that this visitor sees."""
    return [run for run in some if sees(run)]


def listing(kind: str | None = "train", shipped: bool = True) -> list[Run]:
    """The runs of a kind that this visitor sees, newest first, shipped ones last."""
    return seen(runs.listing(kind, shipped=shipped))


def find(id: str) -> Run | None:
    """The run of that id, if there is one that this visitor sees."""
    run = runs.find(id)
    return run if run and sees(run) else None


def of_command_line(run: Run) -> bool:
    """Whether a run was started without a name: by the command line."""
    return not run.spec.user and not run.shipped


def whose(run: Run) -> str:
    """Who has started a run: yours, a nickname, or the command line."""
    return "yours" if mine(run) else people.name(run.spec.user)
