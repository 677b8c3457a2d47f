"""Several trainings that differ in one hyperparameter: asking for them, and looking at them side by side."""

import math
import re
from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import Refused, engine, runs
from explorer.runs import Run, Spec
from explorer.tasks import requests
from pages.ui.kit import figures, forms, identity, messages, url_state
from pages.ui.runs import curves, eta, lineage, run_labels, run_list

LINES = 10  # in one chart
ROWS = 8  # of the table that are always in sight
SCORES = ("knn", "linear")
CURVES = {"val_loss": ("Validation loss", "loss"), "knn": ("kNN accuracy on probe images", "kNN accuracy")}
NOT_SWEPT = ("classes", "threads", "devices")  # a list of its own; what changes no figure
Schema = Mapping[str, Mapping[str, Any]]


def ask(
    method: str, dataset: str, hyperparameters: dict[str, Any], training: dict[str, Any], parent: str = ""
) -> list[Spec]:
    """Let the visitor choose a hyperparameter and its values; the trainings that the button submitted, or none."""
    offered = _offered(method)
    hyperparameter = st.selectbox("Over", list(offered), format_func=forms.label, key="several-over")
    values = _seeds(training) if hyperparameter == "seed" else _values(hyperparameter, offered[hyperparameter])
    if len(values) < 2:
        st.caption(
            "Each value becomes a training of its own; all other hyperparameters stay as they stand in the form."
        )
        st.button("Train", disabled=True, key="several-go", width="stretch")
        return []
    if short := _short(len(values)):
        st.caption(f":material/info: {short}")
        st.button(f"Train {len(values):,}", disabled=True, key="several-go", width="stretch")
        return []
    wishes = requests.sweep(method, dataset, hyperparameters, training, hyperparameter, values, parent=parent)
    st.caption(eta.of(wishes) or f"{len(wishes)} trainings, one after another.")
    pressed = st.button(f"Train {len(wishes)}", type="primary", key="several-go", width="stretch")
    return wishes if pressed else []


def _short(n: int) -> str:
    """Why so many trainings cannot be ordered at once; empty if they can."""
    room = engine.remaining_quota(identity.me())
    if room is None or n <= room:
        return ""
    if not room:
        return "The queue takes no more of yours until one was started or stopped."
    return f"These are {n:,} trainings, and the queue takes {room} more of yours."


def _offered(method: str) -> Schema:
    """The hyperparameters that a set may run through, by the names that `requests.sweep` knows: the seed first."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from pages.ui.sections import train_form

    train = TrainConfig.model_json_schema()["properties"]
    own = METHODS[method].Config.model_json_schema().get("properties", {})
    named = {f"{method}-{name}" if name in train else name: about for name, about in own.items()}
    every = {"seed": train["seed"], **named, **train}
    idle = (*NOT_SWEPT, *train_form.idle(METHODS[method]))
    return {name: about for name, about in every.items() if name not in idle and about.get("type") != "array"}


def _seeds(training: Mapping[str, Any]) -> Sequence[int]:
    n = st.number_input("Trainings", value=3, key="several-seeds", help="with the seed of the form and those after")
    first = int(training["seed"])
    return range(first, first + max(0, int(n)))


def _values(hyperparameter: str, about: Mapping[str, Any]) -> Sequence[Any]:
    options = about.get("enum") or ([True, False] if about.get("type") == "boolean" else None)
    if options:
        return st.multiselect("Values", options, options, format_func=lineage.value, key=f"several-{hyperparameter}")
    default = about.get("default", 1)
    help = f"numbers, separated by commas, such as {default / 2:g}, {default:g}" if default else "such as 1, 2"
    return numbers(
        st.text_input("Values", key=f"several-{hyperparameter}", placeholder="numbers, with commas", help=help)
    )


def numbers(text: str) -> list[float | int]:
    """The numbers of a list, each once; raises `Refused` for a word."""
    found: list[float | int] = []
    if ";" in text:
        text = text.replace(",", ".")  # whoever separates by semicolons writes 0,5
    for word in re.split(r"[,;\s]+", text.strip()):
        if not word:
            continue
        try:
            number = float(word)
        except ValueError:
            raise Refused(f"'{word[:40]}' is no number: write numbers with commas between them, such as 1, 2") from None
        found.append(int(number) if math.isfinite(number) and number.is_integer() else number)
    return list(dict.fromkeys(found))


def submit(wishes: Sequence[Spec]) -> Run | None:
    """Submit all of them; where the queue takes no more, those before wait, and the visitor is told. The first one."""
    first = None
    for n, wish in enumerate(wishes):
        try:
            run = engine.submit(wish, user=identity.me())
        except Refused as refused:
            if first is None:
                raise
            st.toast(
                f"{n} of {len(wishes)} were taken: {messages.plain(str(refused))}", icon=":material/info:", duration=30
            )
            break
        first = first or run
    return first


# ------------------------------------------------------------------------------------------------ side by side


def set_of(run: Run) -> list[Run]:
    """The runs of the set that a run belongs to, first of all the one that was asked for first; none without a set."""
    every = reversed(runs.listing("train", shipped=False)) if run.spec.group else ()
    return [it for it in every if it.spec.group == run.spec.group]


def siblings(run: Run, kin: Sequence[Run]) -> None:
    """The set that a run belongs to: a table of all, and their curves in one chart; nothing for a single run."""
    members = [it for it in kin if it.spec.group == run.spec.group]  # those that nobody has deleted since
    if len(members) < 2:
        return
    names = run_labels.labels(members)
    st.markdown(
        f"**Its set: {len(members)} trainings that differ in {messages.plain(run_labels.hyperparameters(members))}**"
    )
    _table(run, members, names)
    hyperparameter = run_labels.hyperparameters(members)
    shown = {
        name.removeprefix(f"{hyperparameter} "): it for name, it in zip(names[:LINES], members[:LINES], strict=True)
    }
    for column, key in zip(st.columns(2, gap="medium"), CURVES, strict=True):
        with column:
            _curves(shown, key, CURVES[key][0] + f", by {hyperparameter}", CURVES[key][1])
    if len(members) > LINES:
        st.caption(f"The curves are those of the first {LINES}.")


def _table(run: Run, members: Sequence[Run], names: Sequence[str]) -> None:
    scores = [it.scores() or {} for it in members]
    with st.container(gap=None, key="set"):
        _row("", "", "kNN", "linear")
        everything = len(members) <= ROWS or st.session_state.get("whole-set", False)
        for it, name, found in zip(members, names, scores, strict=True):
            if not everything and it not in members[:ROWS] and it.id != run.id:
                continue
            first, second = _row("", "", *(f"{found[key]:.1%}" if found else "" for key in SCORES))
            with first:
                url_state.link(
                    "train", f"**{messages.plain(name)}**" if it.id == run.id else messages.plain(name), run=it.id
                )
            with second:
                run_list.badge(it.status.state)
        known = [found for found in scores if found]
        if run_labels.swept(members) == ["seed"] and len(known) > 1:
            values = [[found[key] for found in known] for key in SCORES]
            _row("mean ± standard deviation", f"n = {len(known)}", *(f"{mean(v):.1%} ± {stdev(v):.1%}" for v in values))
    if known:
        st.caption(f"kNN and linear: share of {known[0]['n_test']:,} test images, asked at the end.")
    if len(members) > ROWS:
        st.toggle(f"Show all {len(members)} of the set", key="whole-set")


def _row(*words: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A row of the table; returns its first two cells."""
    cells = st.columns([0.4, 0.2, 0.2, 0.2], vertical_alignment="center")
    for cell, text in zip(cells, words, strict=True):
        if text:
            cell.caption(text)
    return cells[0], cells[1]


def _curves(members: Mapping[str, Run], key: str, title: str, axis: str) -> None:
    series = {name: curves.line(run.metrics(), key) for name, run in members.items()}
    series = {name: found for name, found in series.items() if len(found[0])}
    if not series:
        return
    st.markdown(f"**{messages.plain(title)}**")
    figure = figures.curves(series, "step", axis, height=curves.HEIGHT)
    figures.show(figure, f"set-{key}", f"{title}: {', '.join(series)}")
