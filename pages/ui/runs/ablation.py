"""A training that was broken on purpose: what is broken and why, and its healthy twin beside it."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from explorer import engine, runs
from explorer.runs import Run
from explorer.tasks import control_run, requests
from pages.ui.kit import forms, identity, messages, url_state
from pages.ui.runs import curves, lineage, run_list

MOST = 4  # broken runs beside a healthy one
HEALTHY = "healthy twin"
Members = Mapping[str, curves.Rows]
WORTH = {"done": 0, "running": 1, "queued": 2, "interrupted": 2, "stopped": 3, "failed": 4}  # which twin is shown


class Twins(NamedTuple):
    """What is broken in a training, and the trainings that differ from it in that alone."""

    broken: Mapping[str, str] = {}  # by hyperparameter, what happens then
    runs: tuple[Run, ...] = ()  # its healthy twins; of a healthy training, the broken ones


def twins(run: Run) -> Twins:
    """Read from all trainings; the best twin first."""
    found = requests.control_runs(run, runs.listing("train"))
    return Twins(requests.ablated(run.spec), tuple(sorted(found, key=lambda it: WORTH[it.status.state])))


def panel(run: Run, rows: curves.Rows, twins: Twins) -> Members:
    """What is broken, the twin or the button that trains it; nothing for a run without either.

    Returns the rows that belong beside one another, `rows` of this run among them, by name: those of healthy ones
    first, so that they have the first colour.
    """
    there = [it for it in twins.runs if runs.find(it.id)]  # nobody has deleted it meanwhile
    if not twins.broken and not there:
        return {}
    with st.container(border=True, key="broken"):
        if twins.broken:
            for hyperparameter, why in twins.broken.items():
                st.markdown(f"{forms.BROKEN} {forms.reason(why, _setting(run, hyperparameter))}")
            _twin(run, there)
            members = {HEALTHY: there[0].metrics(), "broken": rows} if there else {}
        else:
            _sick(there[:MOST])
            several = len(there) > 1
            named = {f"broken: {_settings(it)}" if several else "broken": it.metrics() for it in there[:MOST]}
            members = {HEALTHY: rows, **named}
        _said(members)
    return members


def _twin(run: Run, there: list[Run]) -> None:
    """The link to the healthy twin, and the button that trains it while there is none that has learned."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="twin"):
        if there:
            url_state.link("train", "Its healthy twin", "favorite", run=there[0].id)
            run_list.badge(there[0].status.state)
        if all(it.status.state in ("failed", "stopped") for it in there):
            words = "The same data, hyperparameters and seed, with what is broken at its default"
            look = {"icon": ":material/favorite:", "help": words, "key": f"twin-of-{run.id}"}
            if st.button("Train the healthy twin" + (" again" if there else ""), **look):
                _train(run)


def _train(run: Run) -> None:
    """Submit the healthy twin, or go to the one that another click has just made."""
    with messages.guard():
        with control_run.sole_control_run(run.id) as found:
            new = found or engine.submit(requests.control_spec(run.id), user=identity.me())
        st.query_params["run"] = new.id
        st.rerun()


def _sick(there: list[Run]) -> None:
    """The broken twins of a healthy training, each with what is broken in it."""
    for it in there:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"broken-{it.id}"):
            st.markdown(f"{forms.BROKEN} **Its broken twin**", width="content")
            url_state.link("train", messages.plain(_settings(it)), run=it.id)
            run_list.badge(it.status.state)


def _settings(run: Run) -> str:
    """What is broken in a run, in a few words."""
    return ", ".join(_setting(run, hyperparameter) for hyperparameter in requests.ablated(run.spec)) or run.title


def _setting(run: Run, hyperparameter: str) -> str:
    value = run.spec.hyperparameters.get(hyperparameter)
    return f"{lineage.name(hyperparameter)} {lineage.value(value)}"


def _said(members: Members) -> None:
    """How far apart they are, as far as all have come."""
    seen = {name: curves.line(rows, "knn") for name, rows in members.items()}
    seen = {name: line for name, line in seen.items() if len(line[0])}
    if len(seen) < 2:
        return
    end = min(steps[-1] for steps, _ in seen.values())
    there = {name: float(values[steps <= end][-1]) for name, (steps, values) in seen.items()}
    words = ", ".join(f"{messages.plain(name)} **{value:.1%}**" for name, value in there.items())
    where = curves.probes([row for rows in members.values() for row in rows], "validation (probe) images")
    st.markdown(f"kNN accuracy on {where} by step {int(end):,}: {words}.")
