"""What was measured of a method, whole and with each switch, by the studies whose rows come with the project."""

import streamlit as st

from explorer.core import Method
from explorer.studies import STUDIES, Arm, rows, tables
from explorer.studies.tables import Found
from pages.ui import family, say

ASKED = ("zoo", "breakage")  # every method as it is; every switch alone
HEADS = ("", "runs", "kNN", "linear probe", "kNN over its untrained network", "kNN over the method as it is")


def panel(method: type[Method]) -> None:
    """A table for each data set and protocol; a sentence for a method that no study has seen."""
    found = False
    for dataset in rows.datasets(ASKED[0]):
        known = [row for study in ASKED for row in rows.read(rows.place(study, dataset), study, dataset)]
        for group in tables.groups(arms(method.info.name), known):
            found = True
            lines = [line(group, arm) for arm in group.arms if arm.label in group.rows]
            shown = [at for at, _ in enumerate(HEADS) if not at or any(cells[at] for cells in lines)]
            st.markdown(tables.grid([HEADS[at] for at in shown], [[cells[at] for at in shown] for cells in lines]))
            said = tables.described(STUDIES[ASKED[1]], dataset, group)
            st.caption(f"{said} What it has over another is taken seed by seed.")
    if not found:
        st.caption("No study has measured it yet: `python -m explorer study zoo` does.")


def arms(name: str) -> list[Arm]:
    """The method as it is, and with each switch that breaks it."""
    return [arm for arm in STUDIES[ASKED[1]].arms() if arm.method == name] or [Arm(name, name)]


def line(group: Found, arm: Arm) -> list[str]:
    """One arm of the table."""
    knobs = ", ".join(f"{family.name(knob)} {family.value(value)}" for knob, value in arm.knobs.items())
    scores = [tables.spread(group.values(arm, name).values(), 3) for name in ("knn", "linear_100")]
    more = [group.gains(arm, "knn"), group.differences(arm, "knn")]
    runs = str(len(group.values(arm, "knn")))
    return [say.plain(knobs or "as it is"), runs, *scores, *(tables.spread(each, 3, signed=True) for each in more)]
