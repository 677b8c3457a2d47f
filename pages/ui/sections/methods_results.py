"""What the benchmarks that come with the project have measured of a method, and of each of its ablations."""

from collections.abc import Callable, Mapping
from statistics import mean

import streamlit as st

from explorer import data
from explorer.benchmarks import STUDIES, Arm, report, results
from explorer.benchmarks.report import Group
from explorer.core import Method
from pages.ui.kit import messages
from pages.ui.runs import lineage

SUITES = ("zoo", "breakage")  # every method as it is; every ablation alone
PIXELS = Arm("raw pixels", reference="pixels")
OWN = "with default hyperparameters"
NEITHER = "No consistent difference over seeds and probes"
PROBES = ("knn", "linear_100")
HEADS = ("", "n", "kNN", "linear probe", "kNN, difference", "linear probe, difference")


def panel(method: type[Method], chosen: str) -> None:
    """A table for each data set and protocol, those of the chosen images first; a sentence where there is none."""
    datasets = sorted(
        {dataset for study in SUITES for dataset in results.datasets(study)}, key=lambda it: (it != chosen, it)
    )
    everything = [PIXELS, *arms(method.info.name)]
    shown = [(dataset, group) for dataset in datasets for group in groups(everything, dataset)]
    if chosen not in {dataset for dataset, _ in shown}:
        st.caption(f"No benchmark of this method on {messages.plain(title(chosen))} yet.")
    for dataset, group in shown:
        table(method, dataset, group)


def groups(arms: list[Arm], dataset: str) -> list[Group]:
    """The protocols on which the method was measured and has something beside it; what tells most comes first."""
    known = [row for study in SUITES for row in results.read(results.place(study, dataset), study, dataset)]
    there = [each for each in report.groups(arms, known) if arms[1].label in each.rows and len(each.rows) > 1]
    return sorted(there, key=lambda each: -sum(map(len, each.rows.values())))


def arms(name: str) -> list[Arm]:
    """The method with its default hyperparameters, and each of its ablations."""
    return [arm for arm in STUDIES[SUITES[1]].arms() if arm.method == name] or [Arm(name, name)]


def title(dataset: str) -> str:
    """The name of a data set for people."""
    entry = data.catalogue().get(dataset)
    return entry.title if entry else dataset


def table(method: type[Method], dataset: str, group: Group) -> None:
    """One data set and protocol: the table, what to see in it, and how it was done."""
    pixels, own, *ablations = group.arms
    there = [arm for arm in ablations if arm.label in group.rows]
    n = report.each(group)[0]["n_bank"]
    messages.prose(f"**{messages.plain(title(dataset))}**, {n:,} labels, {group.protocol.seconds:g} core-seconds")
    lines = [line(group, pixels, PIXELS.label)] * (pixels.label in group.rows)
    lines += [before(group, own)] * method.uses_encoder + [line(group, own, OWN)]
    lines += [line(group, arm, setting(arm)) for arm in there]
    shown = [at for at, _ in enumerate(HEADS) if not at or any(cells[at] for cells in lines)]
    st.markdown(report.grid([HEADS[at] for at in shown], [[cells[at] for at in shown] for cells in lines]))
    if text := verdict(group, own, there):
        messages.prose(text)
    for arm in (own, *there):
        for seed, row in sorted(group.rows[arm.label].items()):
            if "failed" in row:
                messages.caveat(f"{setting(arm) or OWN}, seed {seed}, failed: {row['failed']}")
    protocol = report.protocol_text(STUDIES[SUITES[1]], dataset, group, shares=False, encoder=method.uses_encoder)
    note = " *Difference*: from the default hyperparameters with the same seed." if there else ""
    messages.caption(f"{protocol}{note}")


def line(group: Group, arm: Arm, name: str) -> list[str]:
    """One arm of the table."""
    scores = [report.mean_and_range(group.values(arm, probe).values(), 3) for probe in PROBES]
    more = [report.mean_and_range(group.differences(arm, probe), 3, signed=True) for probe in PROBES]
    return [messages.plain(name), str(len(group.values(arm, PROBES[0]))), *scores, *more]


def before(group: Group, own: Arm) -> list[str]:
    """The same network before its first step."""
    scores = [group.values(own, f"untrained_{probe}").values() for probe in PROBES]
    return [
        "the same network untrained",
        str(len(scores[0])),
        *(report.mean_and_range(each, 3) for each in scores),
        "",
        "",
    ]


def setting(arm: Arm) -> str:
    """What is ablated in an arm."""
    return ", ".join(
        f"{lineage.name(hyperparameter)} {lineage.value(value)}"
        for hyperparameter, value in arm.hyperparameters.items()
    )


def verdict(group: Group, own: Arm, ablations: list[Arm]) -> str:
    """What the ablations changed, as far as both probes and several seeds agree."""
    gains = [group.gains(own, probe) for probe in PROBES]
    if ablations and all(gains) and sum(map(mean, gains)) <= 0:
        return "With defaults it did not beat the untrained network: this budget cannot show what an ablation does."
    differences = {
        setting(arm): [each for probe in PROBES for each in group.differences(arm, probe)]
        for arm in ablations
        if len(group.differences(arm, PROBES[0])) > 1
    }
    better = _named(differences, "Better with every seed, by both probes", lambda each: min(each) > 0)
    neither = _named(differences, NEITHER, lambda each: min(each) <= 0 <= max(each))
    return " ".join(filter(None, (better, neither)))


def _named(differences: Mapping[str, list[float]], words: str, holds: Callable[[list[float]], bool]) -> str:
    names = [f"**{messages.plain(name)}**" for name, each in differences.items() if holds(each)]
    return f"{words} at this budget: {', '.join(names)}." if names else ""
