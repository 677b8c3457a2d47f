"""An ablated training: which hyperparameters are ablated and why, and its control run beside it."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from explorer.runs import Run
from explorer.tasks import ablation
from pages.ui.kit import actions, forms, glossary, messages, url_state
from pages.ui.runs import curves, lineage, ownership, run_list

MOST = 4  # ablations beside a control run
CONTROL, ABLATION = "control run", "ablation"
Members = Mapping[str, curves.Rows]
ORDER = {"done": 0, "running": 1, "queued": 2, "interrupted": 2, "stopped": 3, "failed": 4}  # which run is shown first


class Related(NamedTuple):
    """What is ablated in a training, and the trainings that differ from it in that alone."""

    ablated: Mapping[str, str] = {}  # by hyperparameter, what happens then
    runs: tuple[Run, ...] = ()  # its control runs; of a training that is not ablated, its ablations


def related(run: Run) -> Related:
    """Read from all trainings; the run that has come farthest first."""
    others = ablation.control_runs(run, ownership.listing("train"))
    return Related(ablation.ablated(run.spec), tuple(sorted(others, key=lambda it: ORDER[it.status.state])))


def others(related: Related) -> list[Run]:
    """The runs beside this one that nobody has deleted meanwhile."""
    return [it for it in related.runs if ownership.find(it.id)][:MOST]


def members(run: Run, rows: curves.Rows, related: Related) -> Members:
    """The rows that belong in the same figures, `rows` of this run among them, by name: the control run's first."""
    there = others(related)
    if not there:
        return {}
    if related.ablated:
        return {CONTROL: there[0].metrics(), ABLATION: rows}
    named = {f"{ABLATION}: {_settings(it)}" if len(there) > 1 else ABLATION: it.metrics() for it in there}
    return {CONTROL: rows, **named}


def panel(run: Run, related: Related, members: Members) -> None:
    """What is ablated, the control run or the button that trains it; nothing for a run without either."""
    there = others(related)
    if not related.ablated and not there:
        return
    with st.container(border=True, key="ablation"):
        if related.ablated:
            for hyperparameter, why in related.ablated.items():
                st.markdown(f"{forms.ABLATION} {forms.reason(why, _setting(run, hyperparameter))}")
            _control(run, there)
        else:
            _ablations(there)
        _comparison(members)


def _control(run: Run, there: list[Run]) -> None:
    """The link to the control run, and the button that trains it while there is none that has learned."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="control"):
        if there:
            url_state.link("runs", "Its control run", "balance", run=there[0].id)
            run_list.badge(there[0].status.state)
        if all(it.status.state in ("failed", "stopped") for it in there):
            label = "Train the control run" + (" again" if there else "")
            help = glossary.explained("control run")
            actions.button(label, _train, run, key=f"control-of-{run.id}", icon=":material/balance:", help=help)


def _train(run: Run) -> None:
    """Submit the control run, or go to the one that another click has just made."""
    with ablation.sole_control_run(run.id) as existing:
        control = existing or ownership.submit(ablation.control_spec(run.id))
    url_state.put("run", control.id)


def _ablations(there: list[Run]) -> None:
    """The ablations of a training, each with what is ablated in it."""
    for it in there:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"ablation-{it.id}"):
            messages.prose(f"{forms.ABLATION} **Its ablation**", width="content")
            url_state.link("runs", messages.plain(_settings(it)), run=it.id)
            run_list.badge(it.status.state)


def _settings(run: Run) -> str:
    """What is ablated in a run, in a few words."""
    return ", ".join(_setting(run, hyperparameter) for hyperparameter in ablation.ablated(run.spec)) or run.title


def _setting(run: Run, hyperparameter: str) -> str:
    value = run.spec.hyperparameters.get(hyperparameter)
    return f"{lineage.name(hyperparameter)} {lineage.value(value)}"


def _comparison(members: Members) -> None:
    """How far apart they are at the last step that all have reached."""
    lines = {name: curves.line(rows, "knn") for name, rows in members.items()}
    lines = {name: line for name, line in lines.items() if len(line[0])}
    if len(lines) < 2:
        return
    end = min(steps[-1] for steps, _ in lines.values())
    reached = {name: float(values[steps <= end][-1]) for name, (steps, values) in lines.items()}
    every = [row for rows in members.values() for row in rows]
    n = next((row["watched"] for row in every if "watched" in row), None)
    words = ", ".join(f"{messages.plain(name)} **{messages.percent(value, n)}**" for name, value in reached.items())
    where = curves.probes(every)
    messages.prose(f"kNN accuracy on {where} at step {int(end):,}: {words}.")
