"""Where a run comes from: the run that it continues or of which it is a clone with changes; and what continues it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.runs import Run, Spec
from explorer.tasks.training import request as training_request
from pages.ui.kit import actions, forms, messages, url_notices, url_state
from pages.ui.runs import ownership

ARROW = "\N{NO-BREAK SPACE}→ "
KEY = "from"  # of the address: the run that the form was filled from


def origin(run: Run, continued: Sequence[Run] = ()) -> None:
    """A line that names the parent of a run, and one for each run that continues it; nothing without any."""
    parent = ownership.find(run.spec.parent) if run.spec.relation and run.spec.parent else None
    if run.spec.relation and run.spec.parent:
        words = "Continues" if run.spec.relation == "continue" else "Clone of"
        _relative("origin", words, parent, run.spec.parent, _how(run, parent))
    for child in continued:
        _relative(f"continued-{child.id}", "Continued by", ownership.find(child.id), child.id)


def _relative(key: str, words: str, other: Run | None, id: str, how: str = "") -> None:
    """A line that leads to another run, if it is still there."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=key):
        st.caption(words, width="content")
        if other:
            url_state.link("runs", messages.plain(other.title), run=other.id)
        else:
            st.caption(f"{messages.plain(id)}, which was deleted", width="content")
        if how:
            st.caption(messages.plain(how), width="content")


def continuations(run: Run) -> list[Run]:
    """The runs that continue an ended one, the latest first; it reads all runs, so it is not for every poll."""
    if not run.status.final or run.shipped:
        return []
    every = ownership.listing("train", shipped=False)
    return [it for it in every if (it.spec.parent, it.spec.relation) == (run.id, "continue")]


def continued_by_visitor(continued: Sequence[Run]) -> bool:
    """Whether one of these continuations is the visitor's own and has not failed."""
    return any(ownership.mine(it) and it.status.state != "failed" for it in continued)


def _how(run: Run, parent: Run | None) -> str:
    """How a run differs from its parent."""
    if run.spec.relation == "continue":
        first = parent.status.step if parent else None
        return "" if first is None else f"from step {first:,}"
    return changes(run.spec, parent.spec) or "with the same hyperparameters" if parent else ""


def changes(spec: Spec, parent: Spec) -> str:
    """The hyperparameters that are not the same, in words: temperature 0.5 → 0.2, seed 0 → 1."""
    pairs: Mapping[str, tuple[Any, Any]] = training_request.differences(spec, parent)
    return ", ".join(
        f"{name(hyperparameter)} {shown(hyperparameter, old)}{ARROW}{shown(hyperparameter, new)}"
        for hyperparameter, (old, new) in pairs.items()
    )


def name(hyperparameter: str) -> str:
    """A hyperparameter's name inside a sentence."""
    label = forms.label(hyperparameter)
    return label if label.isupper() else label[:1].lower() + label[1:]


value = forms.setting  # inside a sentence too


def shown(hyperparameter: str, of: Any) -> str:
    """The same, with what a 0 stands for: subset all images."""
    if of == 0 and of is not False:
        from explorer.core import TrainConfig

        return forms.zero(TrainConfig.model_json_schema()["properties"].get(hyperparameter, {})) or value(of)
    return value(of)


# ------------------------------------------------------------------------------------------------ in the form


def model(method: str, dataset: str) -> Run | None:
    """The run that the form was filled from, if the address names one and method and data are still its own."""
    run = ownership.find(asked := url_state.read(KEY))
    if run is None:
        if asked:
            sentence = f"There is no run '{asked[:80]}' here to clone; the form starts from the defaults."
            url_notices.note(KEY, asked, sentence=sentence, until=("method", "data", "run"))
        _forget()  # it may be deleted
    fits = run and (run.spec.kind, run.spec.method, run.spec.dataset) == ("train", method, dataset)
    return run if fits else None


def note(spec: Spec, parent: Run) -> None:
    """How the form differs from the run that it was filled from, and the way out."""
    changed, title = changes(spec, parent.spec), f"**{messages.plain(parent.title)}**"
    text = (
        f"Clone of {title}: {messages.plain(changed)}." if changed else f"The same as {title}: change a hyperparameter."
    )
    with st.container(key="clone"):
        words, out = st.columns([0.88, 0.12], gap=None)
        words.caption(text)
        forget = {"icon": ":material/close:", "type": "tertiary", "help": "Make it an independent run"}
        out.button("", on_click=_forget, key="forget", **forget)


def _forget() -> None:
    url_state.put(KEY, None)


# ------------------------------------------------------------------------------------------------ continuing


def resume(run: Run) -> None:
    """The button that continues an ended training in a run of its own; a finished one asks for how many epochs."""
    style = {"icon": ":material/resume:", "key": f"continue-{run.id}"}
    if run.status.state != "done":
        help = "From its last checkpoint to its planned end, in a new run"
        actions.button("Continue", _resume, run, help=help, **style)
        return
    with st.popover("Continue", icon=":material/resume:", type="tertiary", key=f"longer-{run.id}"):
        messages.prose("A new run continues from the last checkpoint; this one is not changed.")
        most = int(run.spec.train.get("epochs") or 1)
        st.number_input("Further epochs", 1, 10_000, most, key=f"epochs-{run.id}")
        messages.caption(
            "The learning rate schedule is stretched over all epochs, so the learning rate first rises again."
        )
        actions.button("Continue training", _resume, run, type="primary", **style)


def _resume(run: Run) -> None:
    epochs = int(st.session_state.get(f"epochs-{run.id}", 0))  # only a finished run asks for some
    child = ownership.submit(training_request.continue_spec(run.id, epochs))
    url_state.put("run", child.id)
