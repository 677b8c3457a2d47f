"""A study made small, live: the button that submits its essential arms, and what has come of the visitor's own."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.benchmarks import Arm, Study, report, smaller, suite_claims, verdicts
from explorer.benchmarks.claims import Claim, Dots
from explorer.benchmarks.report import Group
from explorer.lessons import sources
from explorer.runs import Run
from pages.ui.kit import actions, messages, navigation, url_state
from pages.ui.runs import eta, ownership, polling, sweep
from pages.ui.sections import studies, studies_figures

KEY, EVERY = "run-smaller", 3.0  # the button; seconds between two looks at trainings under way
UNKNOWN = "Nothing like it was run on this machine yet, so its time is not known."
OTHER_NUMBER = (
    "The scores of your runs do not hold what this study measures: here is how good their representations are."
)


def own(study: Study) -> list[Run]:
    """The visitor's runs of this study: those of the set that was started last."""
    return smaller.latest((run for run in ownership.listing("train", shipped=False) if ownership.mine(run)), study)


def button(study: Study, mine: Sequence[Run]) -> None:
    """Submit the essential arms, or go to those that are under way; the button says how long it takes."""
    if running := under_way(mine):
        url_state.link("runs", "See your runs live", "monitoring", run=running.id)
        ended = sum(run.status.final for run in mine)
        polling.poll(None, partial(_progress, [run.id for run in mine], ended), EVERY)
        return
    planned, plan = smaller.specs(study), suite_claims.of(study).smaller
    time = eta.of(planned).rpartition(", ")[2]
    label = f"Run it smaller  ·  {time}" if time else "Run it smaller"
    style = {"type": "primary", "icon": ":material/play_circle:", "width": "stretch"}
    actions.button(label, start, study.name, key=KEY, **style)
    arms = ", ".join(Arm(label).words for label in plan.arms)
    words = f"{len(planned)} trainings on {studies.title(plan.dataset)}: {arms}, with {plan.seeds} seeds each."
    messages.caption(messages.plain(words) + ("" if time else f" {UNKNOWN}"))


def _progress(ids: Sequence[str], before: int) -> None:
    """How many of the trainings have ended; when one more has, the whole page runs again, and shows it."""
    known = [run for id in ids if (run := ownership.find(id))]
    ended = sum(run.status.final for run in known)
    if ended != before:
        st.rerun()
    st.caption(f"{ended} of your {len(known)} trainings have ended; the figure shows each as soon as it has.")


def under_way(mine: Sequence[Run]) -> Run | None:
    """The first of these runs that has not ended."""
    return next((run for run in reversed(mine) if not run.status.final), None)


def start(name: str) -> None:
    """Submit the trainings and go to the first; where they are under way, go there: a button is soon pressed twice."""
    study = studies.STUDIES[name]
    run = under_way(own(study)) or sweep.submit(smaller.specs(study))
    navigation.go("runs", run=run.id)


def beside(study: Study, mine: Sequence[Run], dataset: str) -> Group | None:
    """The visitor's runs where they belong into the study's own figure: they were trained on the same images."""
    return smaller.group(study, mine) if mine and dataset == mine[0].spec.dataset else None


def results(study: Study, mine: Sequence[Run], drawn: bool = False) -> None:
    """How many of the visitor's runs have ended, their figure unless it is `drawn`, and what they say of the claims."""
    if not mine:
        return
    messages.heading("Your runs")
    ended = [run for run in mine if run.status.final]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{len(ended)} of {len(mine)} have ended.", width="content")
        url_state.link("runs", "All of them", "monitoring", run=mine[-1].id)
    group = smaller.group(study, mine)
    if group is None:
        return
    if not drawn:
        _figure(study, group)
    number = suite_claims.of(study).smaller.number
    if asked := [each for each in verdicts.judge(study, group, number) if _asked(each.claim, group)]:
        messages.prose("\n\n".join(map(studies.line, asked)))
    images = max(row["n_test"] for row in report.each(group))
    messages.provenance(
        data=studies.title(mine[0].spec.dataset),
        epochs=mine[0].spec.train["epochs"],
        test_images=images,
        compared_by=sources.title(number),
    )


def _figure(study: Study, group: Group) -> None:
    """The first figure of the study that can be drawn of these runs; where their scores do not hold it, a plain one."""
    number = suite_claims.of(study).smaller.number
    measured = studies_figures.Measured(study, None, group, number=number)
    wanted = [it for it in suite_claims.of(study).figures if studies_figures.draw(it, measured)]
    fits = bool(wanted) and all(smaller.measures(each) for each in studies_figures.numbers(wanted[0]))
    if drawing := studies_figures.draw(wanted[0] if fits else Dots(), measured):
        studies_figures.put(drawing, f"own-{study.name}")
    if not fits:
        messages.caption(OTHER_NUMBER)


def _asked(claim: Claim, group: Group) -> bool:
    """Whether the visitor's runs are about a claim."""
    return all(term.arm in group.rows and smaller.measures(term.number) for term in claim.terms)
