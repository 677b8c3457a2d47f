"""A training that was broken on purpose: what is broken and why, and its healthy twin beside it."""

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from explorer import jobs, runs
from explorer.jobs import requests
from explorer.runs import Run
from pages.ui import address, charts, family, forms, learning, say, shelf, visitor

MOST = 4  # broken runs beside a healthy one
HEALTHY = "healthy twin"
WORTH = {"done": 0, "running": 1, "queued": 2, "interrupted": 2, "stopped": 3, "failed": 4}  # which twin is shown


class Twins(NamedTuple):
    """What is broken in a training, and the trainings that differ from it in that alone."""

    broken: Mapping[str, str] = {}  # by knob, what happens then
    runs: tuple[Run, ...] = ()  # its healthy twins; of a healthy training, the broken ones


def twins(run: Run) -> Twins:
    """Read from all trainings; the best twin first."""
    found = requests.twins(run, runs.listing("train"))
    return Twins(requests.broken(run.spec), tuple(sorted(found, key=lambda it: WORTH[it.status.state])))


def panel(run: Run, twins: Twins) -> None:
    """What is broken, the twin or the button that trains it, and both curves; nothing for a run without either."""
    there = [it for it in twins.runs if runs.find(it.id)]  # nobody has deleted it meanwhile
    if not twins.broken and not there:
        return
    with st.container(border=True, key="broken"):
        if twins.broken:
            for knob, why in twins.broken.items():
                st.markdown(f"{forms.BROKEN} {forms.reason(why, _setting(run, knob))}")
            _twin(run, there)
            _beside({"broken": run, **({HEALTHY: there[0]} if there else {})})
        else:
            _sick(there[:MOST])
            several = len(there) > 1
            named = {f"broken: {_settings(it)}" if several else "broken": it for it in there[:MOST]}
            _beside({**named, HEALTHY: run})


def _twin(run: Run, there: list[Run]) -> None:
    """The link to the healthy twin, and the button that trains it while there is none that has learned."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="twin"):
        if there:
            address.link("train", "Its healthy twin", "favorite", run=there[0].id)
            shelf.badge(there[0].status.state)
        if all(it.status.state in ("failed", "stopped") for it in there):
            words = "The same data, knobs and seed, with what is broken at its default"
            look = {"icon": ":material/favorite:", "help": words, "key": f"twin-of-{run.id}"}
            if st.button("Train the healthy twin" + (" again" if there else ""), **look):
                _train(run)


def _train(run: Run) -> None:
    """Submit the healthy twin, or go to the one that another click has just made."""
    with say.guard():
        found = [it for it in twins(run).runs if it.status.state not in ("failed", "stopped")]
        new = found[0] if found else jobs.submit(requests.healthy_twin(run.id), user=visitor.me())
        st.query_params["run"] = new.id
        st.rerun()


def _sick(there: list[Run]) -> None:
    """The broken twins of a healthy training, each with what is broken in it."""
    for it in there:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"broken-{it.id}"):
            st.markdown(f"{forms.BROKEN} **Its broken twin**", width="content")
            address.link("train", say.plain(_settings(it)), run=it.id)
            shelf.badge(it.status.state)


def _settings(run: Run) -> str:
    """What is broken in a run, in a few words."""
    return ", ".join(_setting(run, knob) for knob in requests.broken(run.spec)) or run.title


def _setting(run: Run, knob: str) -> str:
    value = run.spec.knobs.get(knob)
    return f"{family.name(knob)} {family.value(value)}"


def _beside(members: Mapping[str, Run]) -> None:
    """Both curves of all of them, healthy ones in the first colour; nothing for one run alone."""
    if len(members) < 2:
        return
    healthy_first = sorted(members, key=lambda name: name != HEALTHY)
    rows = {name: members[name].metrics() for name in healthy_first}
    loss = {name: learning.training(found) for name, found in rows.items()}
    knn = {name: learning.line(found, "knn") for name, found in rows.items()}
    _said(knn)
    for column, (title, series) in zip(
        st.columns(2, gap="medium"), (("Loss", loss), ("kNN accuracy", knn)), strict=True
    ):
        with column:
            _curves(title, {name: line for name, line in series.items() if len(line[0])})


def _said(knn: Mapping[str, learning.Line]) -> None:
    """How far apart they are, as far as all have come."""
    seen = {name: line for name, line in knn.items() if len(line[0])}
    if len(seen) < 2:
        return
    end = min(steps[-1] for steps, _ in seen.values())
    there = {name: float(values[steps <= end][-1]) for name, (steps, values) in seen.items()}
    words = ", ".join(f"{say.plain(name)} **{value:.1%}**" for name, value in there.items())
    st.markdown(f"kNN accuracy on the probe images by step {int(end):,}: {words}.")


def _curves(title: str, series: Mapping[str, learning.Line]) -> None:
    st.markdown(f"**{title}**")
    if not series:
        st.caption("Here once they learn")
        return
    figure = charts.curves(series, "step", title, height=learning.HEIGHT)
    charts.show(figure, f"twins-{title}", f"{title} by step: {', '.join(series)}")
