"""All trained models in one table: filtered, sorted, grouped by a hyperparameter, and as CSV."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from explorer import runs
from explorer.data import DataSet
from explorer.evaluation import statistics
from explorer.evaluation.probes import PROBES
from explorer.tasks import leaderboard
from explorer.tasks.leaderboard import Entry
from pages.ui.kit import dots, figures, messages, url_state
from pages.ui.runs import lineage, ownership, scores
from pages.ui.sections import compare_choice

NOTHING, EVERY = "nothing", "all data"
SHOWN = 16  # rows of the chart
LEADING = "knn"  # the probe of the sentence


def show(dataset: DataSet) -> None:
    """The table with what filters and groups it, and a chart of the best."""
    messages.heading("All models")
    every = leaderboard.entries()
    if not every:
        messages.empty("No scores yet", "A training is scored at its end.", "new", "New training", data=dataset.name)
        return
    some, probe, by = _choose(every, dataset)
    if not some:
        messages.caption("No model fits: choose other data or another text.")
        return
    ordered = leaderboard.ordered(some, probe)
    _chart(ordered, probe, by)
    _table(ordered, by)
    seeds = sum(it.n for it in some)
    messages.caption(
        f"{len(some):,} rows of {seeds:,} trainings: those that differ in the seed alone are one row, the mean ± "
        "standard deviation over seeds. Accuracies are those on the test images of each model's own data. "
        "A click on a heading sorts."
    )
    st.download_button(
        "Download as CSV", leaderboard.as_csv(ordered), "unfold-models.csv", "text/csv", icon=":material/download:",
        key="leaderboard-csv",
    )  # fmt: skip


def _choose(every: Sequence[Entry], dataset: DataSet) -> tuple[list[Entry], str, str]:
    """Which rows, the probe that decides their order, and the hyperparameter that groups them."""
    names = dict.fromkeys([EVERY, *(it.dataset for it in every)])
    titles = {name: name if name == EVERY else leaderboard.title_of(name) for name in names}
    default = dataset.name if dataset.name in names else EVERY
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="leaderboard-choice"):
        more = {"format_func": titles.get, "default": default, "width": 200}
        of = url_state.choice(st.selectbox, "Trained on", list(names), key="trained-on", **more)
        probes = {name: scores.heading(name) for name in PROBES}
        probe = url_state.choice(st.selectbox, "Sort by", list(probes), key="sort", format_func=probes.get, width=200)
        text = st.text_input("Name contains", key="name-contains", bind="query-params", width=200)
        some = [it for it in every if of in (EVERY, it.dataset) and _contains(it, text)]
        offered = [NOTHING, *leaderboard.varied(some)]
        more = {"format_func": lambda name: name if name == NOTHING else lineage.name(name), "width": 200}
        by = url_state.choice(st.selectbox, "Group by", offered, key="group", **more)
    return some, probe, by


def _contains(it: Entry, text: str) -> bool:
    words = f"{it.title} {it.method} {' '.join(it.ids)}".lower()
    return all(word in words for word in text.lower().split())


def _chart(ordered: Sequence[Entry], probe: str, by: str) -> None:
    """The best rows as dots with the spread of their seeds; grouped, the mean of each value's rows."""
    known = [it for it in ordered if probe in it.scores]
    title = f"{scores.heading(probe)} ({PROBES[probe].better} is better)"
    percent = bool(PROBES[probe].accuracy)
    if by != NOTHING:
        groups = leaderboard.by_hyperparameter(known, by)
        rows = [_group(lineage.shown(by, value) if value is not None else "not set", of, probe)
                for value, of in groups.items()]  # fmt: skip
        title = f"{title}, by {lineage.name(by)}"
    else:
        rows = [_row(it, probe) for it in known[:SHOWN]]
    if not rows:
        return
    figure = dots.intervals(rows[:SHOWN], percent=percent, line=30)
    listed = ", ".join(row.label for row in rows[:SHOWN])
    figures.show(figure, f"leaderboard-{by != NOTHING}", f"{title} of {listed}", title=title)
    if len(rows) > SHOWN or (by == NOTHING and len(known) > SHOWN):
        messages.caption(f"The first {SHOWN}.")


def _row(it: Entry, probe: str) -> dots.Row:
    value, spread = it.scores[probe], it.spread.get(probe, 0.0)
    return dots.Row(it.title, [value], value - spread, value + spread, role="model")


def _group(label: str, of: Sequence[Entry], probe: str) -> dots.Row:
    values = [it.scores[probe] for it in of]
    return dots.Row(f"{label} (n = {len(of)})", values, min(values), max(values), [it.title for it in of], role="model")


def _table(ordered: Sequence[Entry], by: str) -> None:
    spread = any(it.spread for it in ordered)
    rows = [_cells(it, by, spread) for it in ordered]
    st.dataframe(
        rows, hide_index=True, key="leaderboard", placeholder="–", alt="All models and their scores",
        column_config=_columns(ordered),
    )  # fmt: skip
    options = {it.ids[0]: f"{it.title} ({it.ids[0]})" for it in ordered if ownership.find(it.ids[0])}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="leaderboard-compare"):
        most = len(compare_choice.KEYS)
        st.multiselect(
            "Compare", list(options), format_func=options.get, key="leaderboard-chosen", max_selections=most,
            placeholder="two to four of these models",
        )  # fmt: skip
        chosen = st.session_state.get("leaderboard-chosen") or []
        if len(chosen) > 1:
            query = dict(zip(compare_choice.KEYS, chosen, strict=False))
            url_state.link("compare", "Compare them", "compare_arrows", data=runs.get(chosen[0]).spec.dataset, **query)


def _cells(it: Entry, by: str, spread: bool) -> dict[str, Any]:
    """A row of the table; every probe with its spread."""
    own = {} if by == NOTHING else {lineage.name(by): _value(it, by)}
    cells = {"model": it.title, **own, "method": it.method, "data": leaderboard.title_of(it.dataset), "seeds": it.n}
    for name in PROBES:
        times = 100 if PROBES[name].accuracy else 1
        cells[scores.heading(name)] = times * it.scores[name] if name in it.scores else None
        if spread:
            cells[f"± {PROBES[name].title}"] = times * it.spread[name] if name in it.spread else None
    facts = {name: it.facts.get(name) for name in leaderboard.FACTS}
    return cells | facts


def _value(it: Entry, by: str) -> str:
    value = it.method if by == "method" else it.hyperparameters.get(by)
    return "–" if value is None else lineage.shown(by, value)


def _columns(ordered: Sequence[Entry]) -> dict[str, Any]:
    """Numbers with as many digits as so many test images bear."""
    n = min((it.n_test for it in ordered if it.n_test), default=100)
    share = st.column_config.NumberColumn(format=f"%.{statistics.decimals(n)}f%%")
    points = st.column_config.NumberColumn(format=f"%.{statistics.decimals(n)}f", help="percentage points over seeds")
    found = {name: st.column_config.NumberColumn(format="localized") for name in leaderboard.FACTS[:2]}
    for name in PROBES:
        if PROBES[name].accuracy:
            found |= {scores.heading(name): share, f"± {PROBES[name].title}": points}
    return found | {"seconds": st.column_config.NumberColumn(format="%.1f")}


def lead(dataset: DataSet) -> str:
    """Which model is best on these data by its neighbours, in a sentence."""
    some = [it for it in leaderboard.entries() if it.dataset == dataset.name and LEADING in it.scores]
    if not some:
        return f"**No model was trained on {messages.plain(dataset.title)} yet**: all others stand below."
    best = leaderboard.ordered(some, LEADING)[0]
    value = scores.figure(LEADING, best.scores[LEADING], best.n_test)
    many = "the one model" if len(some) == 1 else f"{len(some)} models"
    data = messages.plain(dataset.title)
    return f"**{messages.plain(best.title)} has the highest kNN accuracy, {value}**, of {many} trained on {data}."
