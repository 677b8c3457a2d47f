"""Which transfer is shown: one of the chosen model to the chosen data set, or none; the others stand in a list."""

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from explorer.evaluation import balance
from explorer.models.reference import ModelRef
from explorer.moments import moment
from explorer.runs import Run
from pages.ui.kit import messages, url_notices, url_state, visibility
from pages.ui.runs import class_balance, ownership, pickers
from pages.ui.sections import transfer

PRESELECTED = "_target"  # in the session: the target in the address that the visitor has not chosen


def pair(run: Run) -> tuple[str, str]:
    """The model and the data set that a transfer belongs to."""
    return str(ModelRef.parse(str(run.spec.model))), run.spec.dataset


def follow() -> None:
    """A transfer that the address names decides what the page is about: its model and its data."""
    run = ownership.find(url_state.read("transfer")) if url_state.asked("transfer") else None
    if run is None or run.spec.kind != "transfer":
        return
    for key, value in zip(("model", "target"), pair(run), strict=True):
        if url_state.expected(key) != value:
            url_state.put(key, value)


def suggested() -> dict[str, str | None]:
    """The model and the target that are preselected: a target that the model was not trained on.

    One that was preselected for another model gives way, too; one that the visitor has chosen stays.
    """
    source = url_state.expected("data") or next(iter(visibility.catalogue()))
    model = next(iter(pickers.models(source)), None)
    ref = url_state.expected("model") or model
    trained_on = (ref and learned_from(ref)) or (model and learned_from(model))
    target, changed = _other(trained_on), st.session_state.get("_transfer_model") != ref
    st.session_state["_transfer_model"] = ref
    free = _is_free() and changed and not url_state.asked("transfer")
    if free and target and url_state.expected("target") == trained_on:
        st.session_state[PRESELECTED] = target
        url_state.put("target", target)
    return {"model": model, "target": target}


def _is_free() -> bool:
    """Whether the address names no target, or the one that was preselected and has stood there ever since."""
    named = url_state.read("target") or None
    if named != st.session_state.get(PRESELECTED):
        st.session_state[PRESELECTED] = None
    return named == st.session_state.get(PRESELECTED)


def learned_from(ref: str) -> str | None:
    """The data set that a model was trained on; None for what needs no training."""
    run = ModelRef.parse(ref).run
    return run.spec.dataset if run else None


def _other(name: str | None) -> str | None:
    """Another data set of the same modality on this machine, rather one with as many channels."""
    entries = visibility.catalogue()
    own = entries.get(name or "")
    modality, channels = (own.modality, own.channels) if own else ("image", None)
    fit = [it for it in entries.values() if it.available and not it.problem and it.modality == modality]
    fit = sorted((it for it in fit if it.name != name), key=lambda it: it.channels != channels)
    return fit[0].name if fit else None


def chosen(ref: str, target: str) -> Run | None:
    """Let the visitor choose among the transfers of this model to this data set, newest first; None without any."""
    every = {run.id: run for run in ownership.listing("transfer")}
    fit = {id: run for id, run in every.items() if pair(run) == (str(ModelRef.parse(ref)), target)}
    asked = url_state.read("transfer")
    if asked and asked not in every and not fit:
        url_notices.note("transfer", asked, sentence=f"There is no transfer '{asked[:80]}' here.")
    if not fit or asked in every.keys() - fit.keys():
        url_state.forget("transfer")
    if not fit:
        return None
    more = {"format_func": _labels(fit.values()).get, "missing": "There is no transfer '{:.80}' here.".format}
    return fit[url_state.choice(st.selectbox, "Transfer", list(fit), key="transfer", always=True, **more)]


def _labels(transfers: Iterable[Run]) -> dict[str, str]:
    """What each transfer is called, no two alike: a select box tells its options apart by what they show."""
    words: dict[str, str] = {}
    for run in transfers:
        facts = _facts(run)
        parts = [f"{facts[name]} {name}" for name in ("labels per class", "epochs")]
        whose = [] if run.shipped or ownership.mine(run) else [ownership.whose(run)]
        name = "  ·  ".join([*parts, f"seed {facts['seed']}", facts["date"], *whose])
        words[run.id] = f"{name}  ·  {run.id}" if name in words.values() else name
    return words


def _facts(run: Run) -> dict[str, Any]:
    """What tells two transfers of one model to one data set apart."""
    params, when = run.spec.params, "comes with Unfold" if run.shipped else moment(run.created, seconds=True)
    state = "" if run.scores() else f", {run.status.state}"
    options = {"labels per class": transfer.amounts(params), "epochs": params.get("epochs")}
    return options | {"seed": run.spec.seed, "date": when + state}


def others(transfers: Sequence[Run], shown: Run | None) -> None:
    """All transfers, to compare; a click on one opens it, and the page is about its model and its data."""
    if all(shown and run.id == shown.id for run in transfers):
        return

    def select() -> None:
        if rows := st.session_state["transfers"].selection.rows:
            url_state.put("transfer", transfers[rows[0]].id)

    messages.heading("All transfers")
    titles = [*(title for title, _ in transfer.ARMS.values()), class_balance.MAJORITY]
    columns = {title: st.column_config.NumberColumn(format="percent") for title in titles}
    st.dataframe(
        [row(run) for run in transfers], column_config=columns, hide_index=True, key="transfers",
        on_select=select, selection_mode="single-row", placeholder="–", alt="Test accuracies of all transfers",
    )  # fmt: skip
    messages.caption("Accuracy on the test images. Select a row to open it: it chooses its model and its data set.")


def row(run: Run) -> dict[str, Any]:
    """A transfer in the list: from what to what, with which options, when, and its accuracies."""
    scores = run.scores() or {}
    accuracies = {
        title: round(scores[arm]["test_accuracy"], 3) if arm in scores else None
        for arm, (title, _) in transfer.ARMS.items()
    }
    if balance.is_imbalanced(scores):
        accuracies[class_balance.MAJORITY] = round(scores["majority_share"], 3)
    return {"model": transfer.model_title(run), "data": transfer.data_title(run)} | _facts(run) | accuracies
