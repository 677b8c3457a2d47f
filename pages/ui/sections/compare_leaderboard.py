"""All trained models in one table: filtered, sorted, grouped by a hyperparameter, and as CSV."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from explorer import runs
from explorer.data import DataSet
from explorer.evaluation import statistics
from explorer.evaluation.probes import PROBES
from explorer.tasks import leaderboard
from explorer.tasks.leaderboard import Entry, Question
from pages.ui.kit import dots, figures, messages, url_state
from pages.ui.runs import lineage, ownership, scores
from pages.ui.sections import compare_choice, leaderboard_labels
from pages.ui.sections.leaderboard_labels import Names

NOTHING, EVERY = "nothing", "all data"
SHOWN = 16  # rows of the chart
LISTED = 4  # models in a sentence
LEADING = "knn"  # the probe of the sentence


def show(dataset: DataSet) -> None:
    """The table with what filters and groups it, and a chart of the best."""
    messages.heading("All models")
    every = _entries()
    if not every:
        messages.empty("No scores yet", "A training is scored at its end.", "new", "New training", data=dataset.name)
        return
    some, probe, by = _choose(every, dataset)
    if not some:
        messages.caption("No model fits: choose other data or another text.")
        return
    ordered = leaderboard.ordered(some, probe)
    names = leaderboard_labels.labels(ordered)
    if len({it.question for it in ordered}) == 1:
        _chart(ordered, names, probe, by)
        if by == NOTHING:
            _apart(ordered, names, probe)
    else:
        messages.caption("Scores on other test images cannot be ranked: choose under “Trained on” what is compared.")
    _table(ordered, names, by)
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


def _entries() -> list[Entry]:
    """The rows of all trainings that this visitor sees."""
    return leaderboard.entries(ownership.listing("train"))


def _choose(every: Sequence[Entry], dataset: DataSet) -> tuple[list[Entry], str, str]:
    """Which rows, the probe that decides their order, and the hyperparameter that groups them."""
    titles = {EVERY: EVERY, **{_spelled(it.question): leaderboard_labels.question(it.question) for it in every}}
    default = dataset.name if dataset.name in titles else EVERY
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="leaderboard-choice"):
        more = {"format_func": titles.get, "default": default, "width": 200}
        of = url_state.choice(st.selectbox, "Trained on", list(titles), key="trained-on", **more)
        probes = {name: scores.heading(name) for name in PROBES}
        probe = url_state.choice(st.selectbox, "Sort by", list(probes), key="sort", format_func=probes.get, width=200)
        text = st.text_input("Name contains", key="name-contains", bind="query-params", width=200)
        some = [it for it in every if of in (EVERY, _spelled(it.question)) and _contains(it, text)]
        offered = [NOTHING, *leaderboard.varied(some)]
        more = {"format_func": lambda name: name if name == NOTHING else lineage.name(name), "width": 200}
        by = url_state.choice(st.selectbox, "Group by", offered, key="group", **more)
    return some, probe, by


def _spelled(question: Question) -> str:
    """A question as the address names it: by its data alone where it is about all of them."""
    size = [f"size {question.size}"] * bool(question.size)
    return " · ".join([question.dataset, *question.classes, *size])


def _contains(it: Entry, text: str) -> bool:
    words = f"{it.title} {it.method} {' '.join(it.ids)}".lower()
    return all(word in words for word in text.lower().split())


def _apart(ordered: Sequence[Entry], names: Names, probe: str) -> None:
    """What the intervals are, and which models they do not tell apart from the best."""
    alike = [names[it.ids] for it in leaderboard.rivals(ordered, probe)]
    listed = f"{', '.join(alike[:LISTED])}{f' and {len(alike) - LISTED} more' if len(alike) > LISTED else ''}"
    said = f" Not told apart from the best: {messages.plain(listed)}." if alike else ""
    messages.caption(f"Intervals hold 95%, from the test images and, where there are several, the seeds.{said}")


def _chart(ordered: Sequence[Entry], names: Names, probe: str, by: str) -> None:
    """The best rows as dots with their intervals; grouped, all of each value's rows and their range."""
    known = [it for it in ordered if probe in it.scores]
    title = f"{scores.heading(probe)} ({PROBES[probe].better} is better)"
    percent = bool(PROBES[probe].accuracy)
    if by != NOTHING:
        groups = leaderboard.by_hyperparameter(known, by)
        rows = [_group(lineage.shown(by, value) if value is not None else "not set", of, probe)
                for value, of in groups.items()]  # fmt: skip
        title = f"{title}, by {lineage.name(by)}"
    else:
        rows = [_row(it, names, probe) for it in known[:SHOWN]]
    if not rows:
        return
    figure = dots.intervals(rows[:SHOWN], percent=percent, line=30)
    listed = ", ".join(row.label for row in rows[:SHOWN])
    figures.show(figure, f"leaderboard-{by != NOTHING}", f"{title} of {listed}", title=title)
    if len(rows) > SHOWN or (by == NOTHING and len(known) > SHOWN):
        messages.caption(f"The first {SHOWN}.")


def _row(it: Entry, names: Names, probe: str) -> dots.Row:
    return dots.Row(names[it.ids], [it.scores[probe]], *leaderboard.interval(it, probe), role="model")


def _group(label: str, of: Sequence[Entry], probe: str) -> dots.Row:
    values = [it.scores[probe] for it in of]
    return dots.Row(f"{label} (n = {len(of)})", values, min(values), max(values), [it.label for it in of], role="model")


def _table(ordered: Sequence[Entry], names: Names, by: str) -> None:
    spread = any(it.spread for it in ordered)
    rows = [_cells(it, names[it.ids], by, spread) for it in ordered]
    st.dataframe(
        rows, hide_index=True, key="leaderboard", placeholder="–", alt="All models and their scores",
        column_config=_columns(ordered),
    )  # fmt: skip
    options = {it.ids[0]: f"{it.label} ({it.ids[0]})" for it in ordered if ownership.find(it.ids[0])}
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


def _cells(it: Entry, title: str, by: str, spread: bool) -> dict[str, Any]:
    """A row of the table; every probe with its spread."""
    own = {} if by == NOTHING else {lineage.name(by): _value(it, by)}
    cells = {"model": title, **own, "method": it.method, "data": leaderboard.title_of(it.dataset), "seeds": it.n}
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
    found = {name: st.column_config.NumberColumn(format="localized") for name in leaderboard.FACTS[:3]}
    for name in PROBES:
        if PROBES[name].accuracy:
            found |= {scores.heading(name): share, f"± {PROBES[name].title}": points}
    return found | {"seconds": st.column_config.NumberColumn(format="%.1f")}


def lead(dataset: DataSet) -> str:
    """Which model is best on these data by its neighbours, in a sentence."""
    there = [it for it in _entries() if it.dataset == dataset.name and LEADING in it.scores and not it.told]
    asked = min((it.question for it in there), default=None)  # all classes at their own size, where that was asked
    some = [it for it in there if it.question == asked]
    if not some:
        return f"**No model was trained on {messages.plain(dataset.title)} yet**: all others stand below."
    best, *others = leaderboard.ordered(some, LEADING)
    alike = len(leaderboard.rivals([best, *others], LEADING))
    value = scores.figure(LEADING, best.scores[LEADING], best.n_test)
    many = "the one model" if len(some) == 1 else f"{len(some)} models"
    data, but = messages.plain(leaderboard_labels.question(best.question)), f"; {alike} of them not told apart from it"
    name = messages.plain(leaderboard_labels.labels(some)[best.ids])
    return f"**{name} has the highest kNN accuracy, {value}**, of {many} trained on {data}{but if alike else ''}."
