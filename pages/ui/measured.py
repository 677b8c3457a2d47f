"""What was measured of a method, whole and with each switch, by the studies whose rows come with the project."""

from statistics import mean

import streamlit as st

from explorer import data
from explorer.core import Method
from explorer.studies import STUDIES, Arm, rows, tables
from explorer.studies.tables import Found
from pages.ui import family, say

ASKED = ("zoo", "breakage")  # every method as it is; every switch alone
HEADS = ("", "n", "kNN", "linear probe", "kNN over its untrained network", "kNN over the method as it is")


def panel(method: type[Method]) -> None:
    """A table for each data set and protocol; a sentence for a method that no study has seen."""
    found = False
    for dataset in sorted({dataset for study in ASKED for dataset in rows.datasets(study)}):
        known = [row for study in ASKED for row in rows.read(rows.place(study, dataset), study, dataset)]
        for group in tables.groups(arms(method.info.name), known):
            found = True
            _table(dataset, group)
    if not found:
        st.caption("No study has measured it yet: `python -m explorer study zoo` does.")


def _table(dataset: str, group: Found) -> None:
    """One data set and protocol: the table, what to see in it, and how it was done."""
    entry = data.catalogue().get(dataset)
    st.markdown(f"**{say.plain(entry.title if entry else dataset)}**")
    lines = [line(group, arm) for arm in group.arms if arm.label in group.rows]
    shown = [at for at, _ in enumerate(HEADS) if not at or any(cells[at] for cells in lines)]
    st.markdown(tables.grid([HEADS[at] for at in shown], [[cells[at] for at in shown] for cells in lines]))
    if said := harmless(group):
        st.markdown(said)
    for arm in group.arms:
        for seed, row in sorted(group.rows.get(arm.label, {}).items()):
            if "failed" in row:
                say.caveat(f"{_name(arm)}, seed {seed}, failed: {row['failed']}")
    said = tables.described(STUDIES[ASKED[1]], dataset, group, shares=False)
    st.caption(f"{said} What it has over another is taken seed by seed.")


def arms(name: str) -> list[Arm]:
    """The method as it is, and with each switch that breaks it."""
    return [arm for arm in STUDIES[ASKED[1]].arms() if arm.method == name] or [Arm(name, name)]


def line(group: Found, arm: Arm) -> list[str]:
    """One arm of the table."""
    scores = [tables.spread(group.values(arm, name).values(), 3) for name in ("knn", "linear_100")]
    more = [group.gains(arm, "knn"), group.differences(arm, "knn")]
    n = str(len(group.values(arm, "knn")))
    return [say.plain(_name(arm)), n, *scores, *(tables.spread(each, 3, signed=True) for each in more)]


def _name(arm: Arm) -> str:
    """What is switched in an arm."""
    return ", ".join(f"{family.name(knob)} {family.value(value)}" for knob, value in arm.knobs.items()) or "as it is"


def harmless(group: Found) -> str:
    """A sentence that names the switches which were meant to break the method and have not made it worse."""
    found = {_name(arm): group.differences(arm, "knn") for arm in group.arms if arm.knobs}
    kept = {name: each for name, each in found.items() if each and mean(each) >= 0}
    said = (f"**{say.plain(name)}** (kNN {mean(each):+.3f}, n = {len(each)})" for name, each in kept.items())
    return f"At this budget no harm came of {', '.join(said)}." if kept else ""
