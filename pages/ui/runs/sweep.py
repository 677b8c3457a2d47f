"""A sweep: several trainings that differ in one hyperparameter, submitted together and shown side by side."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from statistics import mean, stdev
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import Refused, engine
from explorer.evaluation.probes import PROBES
from explorer.runs import Run, Spec
from pages.ui.kit import actions, figures, forms, identity, messages, url_state
from pages.ui.runs import class_balance, curves, eta, lineage, ownership, run_labels, run_list, scores

OVER, GO = "several-over", "several-go"  # keys of widgets
LINES = 10  # in one chart
ROWS = 8  # of the table that are always in sight
CURVES = {"val_loss": "Validation loss", "knn": "kNN accuracy"}
NOT_SWEPT = ("classes", "threads", "devices")  # a list of its own; what changes no figure
Schema = Mapping[str, Mapping[str, Any]]


def ask(
    method: str,
    training: Mapping[str, Any],
    plan: Callable[[str, Sequence[Any]], list[Spec]],
    train: Callable[[str, Sequence[Any]], None],
) -> None:
    """Let the visitor choose a hyperparameter and its values: `plan` says what trainings they are, a click `train`s."""
    offered = _offered(method)
    hyperparameter = st.selectbox("Vary", list(offered), format_func=forms.label, key=OVER)
    values = _read(hyperparameter, _widget(hyperparameter, offered[hyperparameter]), training)
    if len(values) < 2:
        messages.caption("One training for each value; all other hyperparameters are those of the form.")
        st.button("Train", disabled=True, key=GO, width="stretch")
        return
    if reason := _too_many(len(values)):
        st.caption(f":material/info: {reason}")
        st.button(f"Train {len(values):,}", disabled=True, key=GO, width="stretch")
        return

    def train_current() -> None:
        over = st.session_state[OVER]
        seed = st.session_state.get(f"{method}.train.seed", training["seed"])
        train(over, _read(over, st.session_state[f"several-{over}"], {**training, "seed": seed}))

    st.caption(eta.of(plan(hyperparameter, values)) or f"{len(values)} trainings, one after another.")
    actions.button(f"Train {len(values)}", train_current, type="primary", key=GO, width="stretch")


def _too_many(n: int) -> str:
    """Why so many trainings cannot be submitted at once; empty if they can."""
    remaining = engine.remaining_quota(identity.me())
    if remaining is None or n <= remaining:
        return ""
    if not remaining:
        return "Your part of the queue is full until one of your trainings starts or is stopped."
    return f"These are {n:,} trainings, but the queue has room for {remaining} more of yours."


def _offered(method: str) -> Schema:
    """The hyperparameters that a sweep may run over, by the names that a request for one knows: the seed first."""
    from explorer.core import TrainConfig
    from explorer.methods import METHODS
    from pages.ui.kit import method_labels

    train = TrainConfig.model_json_schema()["properties"]
    own = METHODS[method].Config.model_json_schema().get("properties", {})
    named = {f"{method}-{name}" if name in train else name: about for name, about in own.items()}
    every = {"seed": train["seed"], **named, **train}
    idle = (*NOT_SWEPT, *method_labels.idle(METHODS[method]))
    return {name: about for name, about in every.items() if name not in idle and about.get("type") != "array"}


def _widget(hyperparameter: str, about: Mapping[str, Any]) -> Any:
    """The widget of the values: a number of seeds, a choice of options, or a text of numbers."""
    key = f"several-{hyperparameter}"
    if hyperparameter == "seed":
        return st.number_input(
            "Trainings", value=3, key=key, help="Number of seeds: that of the form and the following ones"
        )
    options = about.get("enum") or ([True, False] if about.get("type") == "boolean" else None)
    if options:
        return st.multiselect("Values", options, options, format_func=lineage.value, key=key)
    default = about.get("default", 1)
    help = f"Numbers separated by commas, such as {default / 2:g}, {default:g}" if default else "Such as 1, 2"
    return st.text_input("Values", key=key, placeholder="numbers separated by commas", help=help)


def _read(hyperparameter: str, value: Any, training: Mapping[str, Any]) -> Sequence[Any]:
    """The values of the hyperparameter that a widget's value stands for."""
    if hyperparameter == "seed":
        first = int(training["seed"])
        return range(first, first + max(0, int(value)))
    return numbers(value) if isinstance(value, str) else value


def numbers(text: str) -> list[float | int]:
    """The numbers of a list, each once; raises `Refused` for a word."""
    values: list[float | int] = []
    if ";" in text:
        text = text.replace(",", ".")  # whoever separates by semicolons writes 0,5
    for word in re.split(r"[,;\s]+", text.strip()):
        if not word:
            continue
        try:
            number = float(word)
        except ValueError:
            raise Refused(f"'{word[:40]}' is not a number: give numbers separated by commas, such as 1, 2") from None
        values.append(int(number) if math.isfinite(number) and number.is_integer() else number)
    return list(dict.fromkeys(values))


def submit(specs: Sequence[Spec]) -> Run:
    """Submit all of them and return the first; where the queue takes no more, a toast says how many it took."""
    first = None
    for n, spec in enumerate(specs):
        try:
            run = ownership.submit(spec)
        except Refused as refused:
            if first is None:
                raise
            text = f"{n} of {len(specs)} were submitted: {messages.plain(str(refused))}"
            st.toast(text, icon=":material/info:", duration=30)
            break
        first = first or run
    assert first, "a sweep has at least two values"
    return first


# ------------------------------------------------------------------------------------------------ side by side


def set_of(run: Run) -> list[Run]:
    """The runs of the sweep that a run belongs to, in the order of their submission; none without a sweep."""
    every = reversed(ownership.listing("train", shipped=False)) if run.spec.group else ()
    return [it for it in every if it.spec.group == run.spec.group]


def show(run: Run, siblings: Sequence[Run]) -> None:
    """The sweep that a run belongs to: a table of all, and their curves in one chart; nothing for a single run."""
    members = [it for it in siblings if it.spec.group == run.spec.group]  # those that nobody has deleted since
    if len(members) < 2:
        return
    names = run_labels.labels(members)
    varied = messages.plain(run_labels.hyperparameters(members))
    messages.prose(f"**Its sweep: {len(members)} trainings, varying {varied}**")
    _table(run, members, names)
    hyperparameter = run_labels.hyperparameters(members)
    shown = {
        name.removeprefix(f"{hyperparameter} "): it for name, it in zip(names[:LINES], members[:LINES], strict=True)
    }
    for column, key in zip(st.columns(2, gap="medium"), CURVES, strict=True):
        with column:
            _curves(shown, key, CURVES[key] + f", by {hyperparameter}")
    if len(members) > LINES:
        st.caption(f"The curves are those of the first {LINES}.")


def _table(run: Run, members: Sequence[Run], names: Sequence[str]) -> None:
    every = [it.scores() or {} for it in members]
    with st.container(gap=None, key="set"):
        _row("", "", *map(scores.heading, PROBES))
        everything = len(members) <= ROWS or st.session_state.get("whole-set", False)
        for it, name, score in zip(members, names, every, strict=True):
            if not everything and it not in members[:ROWS] and it.id != run.id:
                continue
            first, second = _row(
                "", "", *(scores.figure(probe, score.get(probe), score.get("n_test")) for probe in PROBES)
            )
            with first:
                url_state.link(
                    "runs", f"**{messages.plain(name)}**" if it.id == run.id else messages.plain(name), run=it.id
                )
            with second:
                run_list.badge(it.status.state)
        known = [score for score in every if score]
        if run_labels.swept(members) == ["seed"] and len(known) > 1:
            _row("mean ± standard deviation", f"n = {len(known)}", *(_spread(probe, known) for probe in PROBES))
    if known:
        level = f" ({words})" if (words := class_balance.majority(known[0])) else ""
        messages.caption(
            f"kNN accuracy and linear probe on {known[0]['n_test']:,} test images, once, at the end{level}."
        )
    if len(members) > ROWS:
        st.toggle(f"Show all {len(members)} of the sweep", key="whole-set")


def _spread(probe: str, known: Sequence[Mapping[str, Any]]) -> str:
    """The mean and standard deviation of a probe; empty unless every run has it."""
    values = [score[probe] for score in known if probe in score]
    if len(values) < len(known):
        return ""
    deviation = scores.figure(probe, stdev(values))
    if PROBES[probe].accuracy:
        deviation = messages.points(stdev(values), min(score["n_test"] for score in known))
    return f"{scores.figure(probe, mean(values))} ± {deviation}"


def _row(*words: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A row of the table; returns its first two cells."""
    cells = st.columns([0.4] + [0.2] * (len(words) - 1), vertical_alignment="center")
    for cell, text in zip(cells, words, strict=True):
        if text:
            cell.caption(text)
    return cells[0], cells[1]


def _curves(members: Mapping[str, Run], key: str, title: str) -> None:
    series = {name: curves.line(run.metrics(), key) for name, run in members.items()}
    series = {name: line for name, line in series.items() if len(line[0])}
    if not series:
        return
    better = curves.BETTER["higher" if key == "knn" else "lower"]
    figure = figures.curves(series, "step", "", height=curves.HEIGHT)
    if key == "knn":
        figure.update_yaxes(tickformat=".1~%")
    named = f"{title} ({better})"
    figures.show(figure, f"set-{key}", f"{title}: {', '.join(series)}", title=named)
