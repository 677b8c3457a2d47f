"""What was measured of a method, whole and with each switch, by the studies whose rows come with the project."""

from collections.abc import Callable, Mapping
from statistics import mean

import streamlit as st

from explorer import data
from explorer.benchmarks import STUDIES, Arm, report, results
from explorer.benchmarks.report import Group
from explorer.core import Method
from pages.ui.kit import messages
from pages.ui.runs import lineage

ASKED = ("zoo", "breakage")  # every method as it is; every switch alone
PIXELS = Arm("raw pixels", reference="pixels")
OWN = "with its own hyperparameters"
NEITHER = "Neither better nor worse in all seeds by both probes"
PROBES = ("knn", "linear_100")
HEADS = ("", "n", "kNN", "linear probe", "kNN, difference", "linear probe, difference")


def panel(method: type[Method], chosen: str) -> None:
    """A table for each data set and protocol, those of the chosen images first; a sentence where there is none."""
    found = sorted(
        {dataset for study in ASKED for dataset in results.datasets(study)}, key=lambda it: (it != chosen, it)
    )
    asked = [PIXELS, *arms(method.info.name)]
    shown = [(dataset, group) for dataset in found for group in groups(asked, dataset)]
    if chosen not in {dataset for dataset, _ in shown}:
        st.caption(f"No study has measured it on {messages.plain(title(chosen))} yet.")
    for dataset, group in shown:
        table(method, dataset, group)


def groups(asked: list[Arm], dataset: str) -> list[Group]:
    """The protocols on which the method was measured and has something beside it; what tells most comes first."""
    known = [row for study in ASKED for row in results.read(results.place(study, dataset), study, dataset)]
    there = [each for each in report.groups(asked, known) if asked[1].label in each.rows and len(each.rows) > 1]
    return sorted(there, key=lambda each: -sum(map(len, each.rows.values())))


def arms(name: str) -> list[Arm]:
    """The method with its own hyperparameters, and with each switch that is meant to break it."""
    return [arm for arm in STUDIES[ASKED[1]].arms() if arm.method == name] or [Arm(name, name)]


def title(dataset: str) -> str:
    """The name of a data set for people."""
    entry = data.catalogue().get(dataset)
    return entry.title if entry else dataset


def table(method: type[Method], dataset: str, group: Group) -> None:
    """One data set and protocol: the table, what to see in it, and how it was done."""
    pixels, own, *switches = group.arms
    there = [arm for arm in switches if arm.label in group.rows]
    n = report.each(group)[0]["n_bank"]
    st.markdown(f"**{messages.plain(title(dataset))}**, {n:,} images, {group.protocol.epochs} epochs")
    lines = [line(group, pixels, PIXELS.label)] * (pixels.label in group.rows)
    lines += [before(group, own)] * method.uses_encoder + [line(group, own, OWN)]
    lines += [line(group, arm, switched(arm)) for arm in there]
    shown = [at for at, _ in enumerate(HEADS) if not at or any(cells[at] for cells in lines)]
    st.markdown(report.grid([HEADS[at] for at in shown], [[cells[at] for at in shown] for cells in lines]))
    if said := verdict(group, own, there):
        st.markdown(said)
    for arm in (own, *there):
        for seed, row in sorted(group.rows[arm.label].items()):
            if "failed" in row:
                messages.caveat(f"{switched(arm) or OWN}, seed {seed}, failed: {row['failed']}")
    said = report.described(STUDIES[ASKED[1]], dataset, group, shares=False, encoder=method.uses_encoder)
    st.caption(f"{said} *Difference*: to its own hyperparameters, seed by seed." if there else said)


def line(group: Group, arm: Arm, name: str) -> list[str]:
    """One arm of the table."""
    scores = [report.mean_and_range(group.values(arm, probe).values(), 3) for probe in PROBES]
    more = [report.mean_and_range(group.differences(arm, probe), 3, signed=True) for probe in PROBES]
    return [messages.plain(name), str(len(group.values(arm, PROBES[0]))), *scores, *more]


def before(group: Group, own: Arm) -> list[str]:
    """The same network before its first step."""
    found = [group.values(own, f"untrained_{probe}").values() for probe in PROBES]
    return [
        "the same network untrained",
        str(len(found[0])),
        *(report.mean_and_range(each, 3) for each in found),
        "",
        "",
    ]


def switched(arm: Arm) -> str:
    """What is switched in an arm."""
    return ", ".join(
        f"{lineage.name(hyperparameter)} {lineage.value(value)}"
        for hyperparameter, value in arm.hyperparameters.items()
    )


def verdict(group: Group, own: Arm, switches: list[Arm]) -> str:
    """What the switches did that were meant to break the method, as far as both probes and several seeds agree."""
    gains = [group.gains(own, probe) for probe in PROBES]
    if switches and all(gains) and sum(map(mean, gains)) <= 0:
        return "With its defaults it was worth no more than untrained: this budget cannot show what a switch does."
    differences = {
        switched(arm): [each for probe in PROBES for each in group.differences(arm, probe)]
        for arm in switches
        if len(group.differences(arm, PROBES[0])) > 1
    }
    better = _told(differences, "Better in all seeds by both probes", lambda each: min(each) > 0)
    neither = _told(differences, NEITHER, lambda each: min(each) <= 0 <= max(each))
    return " ".join(filter(None, (better, neither)))


def _told(differences: Mapping[str, list[float]], words: str, holds: Callable[[list[float]], bool]) -> str:
    names = [f"**{messages.plain(name)}**" for name, each in differences.items() if holds(each)]
    return f"{words} at this budget: {', '.join(names)}." if names else ""
