"""The button that starts what the form says, once or several times, and what is said before it is pressed."""

from typing import Any, NamedTuple

import streamlit as st

from explorer import Refused, engine
from explorer.data import DataSet
from explorer.runs import Run
from explorer.tasks import requests
from pages.ui.kit import identity, messages
from pages.ui.runs import eta, lineage, run_view, sweep
from pages.ui.sections import train_form


class Form(NamedTuple):
    """What the form of the Train page says."""

    method: str
    dataset: str
    hyperparameters: dict[str, Any]
    training: dict[str, Any]


def order(form: Form, found: DataSet, beside: Run | None = None) -> None:
    """Train, or Train several; above, what is known beforehand: how long, and how it differs from a run it clones.

    Where hyperparameters and data do not fit each other, the rule stands in their place. What the run `beside` the form
    says of its hyperparameters is not said again.
    """
    parent = lineage.model(form.method, form.dataset)
    kin = parent.id if parent else ""
    try:
        wish = requests.train(*form, parent=kin)
        train_form.check(form.method, found, form.hyperparameters, form.training)
    except Refused as refused:
        messages.unexpected(Refused(train_form.titled(form.method, str(refused))))
        nothing()
        return
    if st.session_state.pop("_ordered", False):
        st.session_state["several"] = False  # a set was ordered: its popover has done its work
    ahead = st.container(gap=None)  # above, where no popover hides it
    with st.container(horizontal=True, gap="small", key="order"):
        pressed = st.button("Train", type="primary", icon=":material/play_circle:", width="stretch")
        fold = st.popover("Train several", on_change="rerun", key="several")
    new = None
    if fold.open:
        with fold, messages.guard():
            try:
                new = sweep.submit(sweep.ask(*form, parent=kin))
            except Refused as refused:
                raise Refused(train_form.titled(form.method, str(refused))) from None
    with ahead:
        if parent:
            lineage.note(wish, parent)
        remark = requests.warning(wish)
        if remark and not (beside and remark == requests.warning(beside.spec)):
            messages.caveat(train_form.titled(form.method, remark))
        if said := eta.of([wish]):
            st.caption(said)
    if pressed:  # a button is pressed twice more often than meant
        new = run_view.under_way(wish) or engine.submit(wish, user=identity.me())
    if new:
        _show(new)


def nothing() -> None:
    """What stands in their place while a hyperparameter has a value that is not allowed."""
    with st.container(horizontal=True, gap="small", key="order"):
        st.button("Train", disabled=True, icon=":material/play_circle:", width="stretch", key="not-allowed")


def _show(run: Run) -> None:
    st.query_params["run"] = run.id
    st.session_state["_ordered"] = True
    st.rerun()
