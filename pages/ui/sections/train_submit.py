"""The buttons that start what the form says, one training or a sweep, and the notes above them."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from explorer import Refused
from explorer.data import DataSet
from explorer.runs import Run, Spec
from explorer.tasks.training import request as training_request
from pages.ui.kit import actions, forms, glossary, messages, method_labels, navigation
from pages.ui.runs import eta, lineage, ownership, queue, run_view, sweep
from pages.ui.sections import train_form

TRAIN = "train-now"  # the key of the button
FEW, ENOUGH = 100, 300  # training steps: below, little is learned; what is offered instead


class Form(NamedTuple):
    """What the form says."""

    method: str
    dataset: str
    hyperparameters: dict[str, Any]
    training: dict[str, Any]

    def current(self) -> "Form":
        """The same form as a callback finds it: with what was changed just before the click."""
        hyperparameters = forms.current(self.method, self.hyperparameters)
        return self._replace(
            hyperparameters=hyperparameters, training=forms.current(f"{self.method}.train", self.training)
        )


def show(form: Form, dataset: DataSet) -> None:
    """Start training, or a sweep; above, what is known beforehand: how long, and how it differs from a run it clones.

    Where hyperparameters and data do not fit each other, the rule stands in their place.
    """
    parent = lineage.model(form.method, form.dataset)
    parent_id = parent.id if parent else ""
    try:
        spec = training_request.train(*form, parent=parent_id)
        images = train_form.check(form.method, dataset, form.hyperparameters, form.training)
    except Refused as refused:
        messages.unexpected(_titled(form, refused))
        disabled()
        return
    above = st.container(gap=None)  # where no popover hides it
    with st.container(horizontal=True, gap="small", key="submit"):
        style = {"type": "primary", "icon": ":material/play_circle:", "width": "stretch", "key": TRAIN}
        time = eta.of([spec])
        st.button(
            f"Start training  ·  {time}" if time else "Start training",
            on_click=actions.perform,
            args=(TRAIN, _train, form, parent_id),
            **style,
        )
        popover = st.popover("Train several", on_change="rerun", key="several", help=glossary.explained("sweep"))
    if popover.open:
        with popover, messages.guard():
            sweep.ask(
                form.method, form.training, partial(_plan, form, parent_id), partial(_train_several, form, parent_id)
            )
    with above:
        _notes(form, spec, parent)
        _few_steps(form, images)
        actions.failure(TRAIN)


def _notes(form: Form, spec: Spec, parent: Run | None) -> None:
    """What is known before the button is pressed."""
    if parent:
        lineage.note(spec, parent)
    if others := queue.ahead(spec):
        messages.caption(others)
    if warning := training_request.warning(spec):
        messages.caveat(method_labels.titled(form.method, warning))
    if slow := training_request.slow_precision(spec):
        messages.caveat(slow)


def _few_steps(form: Form, images: int) -> None:
    """Say so where a training on so many images ends before it can learn, and offer more epochs."""
    from explorer.core import METHODS, TrainConfig
    from explorer.train import steps_per_epoch

    if "epochs" in method_labels.idle(METHODS[form.method]):
        return
    most = TrainConfig.model_json_schema()["properties"]["epochs"]["maximum"]
    per_epoch = steps_per_epoch(images, form.training["batch"])
    steps, epochs = per_epoch * form.training["epochs"], -(-ENOUGH // per_epoch)
    if steps >= FEW or epochs > most:
        return
    messages.caveat(
        f"Expect little gain: after {steps:,} training steps a representation is hardly better than that of an "
        f"untrained network. {epochs:,} epochs make {per_epoch * epochs:,} steps."
    )
    st.button(f"Take {epochs:,} epochs", on_click=_take, args=(form.method, epochs), key="more-epochs")


def _take(method: str, epochs: int) -> None:
    st.session_state[f"{method}.train.epochs"] = epochs


def _titled(form: Form, refused: Refused) -> Refused:
    return Refused(method_labels.titled(form.method, str(refused)))


def disabled() -> None:
    """What stands in their place while a hyperparameter has a value that is not allowed."""
    with st.container(horizontal=True, gap="small", key="submit"):
        st.button("Start training", disabled=True, icon=":material/play_circle:", width="stretch", key="not-allowed")


def _train(form: Form, parent: str) -> None:
    """Submit the training, or go to the same one that is under way: a button is soon pressed twice."""
    try:
        spec = training_request.train(*form.current(), parent=parent)
    except Refused as refused:
        raise _titled(form, refused) from None
    _show(run_view.under_way(spec) or ownership.submit(spec))


def _plan(form: Form, parent: str, hyperparameter: str, values: Sequence[Any]) -> list[Spec]:
    """A training for each value of the hyperparameter."""
    try:
        return training_request.sweep(*form, hyperparameter, values, parent=parent)
    except Refused as refused:
        raise _titled(form, refused) from None


def _train_several(form: Form, parent: str, hyperparameter: str, values: Sequence[Any]) -> None:
    """Submit a training for each value of the hyperparameter."""
    _show(sweep.submit(_plan(form.current(), parent, hyperparameter, values)))


def _show(run: Run) -> None:
    """Go to this run; the popover of a sweep has done its work."""
    navigation.go("runs", run=run.id)
    st.session_state["several"] = False
