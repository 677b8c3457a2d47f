"""The models as a table, with what is the same hidden; and the curves of those that were trained."""

from collections.abc import Mapping, Sequence

import streamlit as st

from explorer.models.reference import ModelRef
from explorer.runs import Run
from explorer.tasks import compare_table, leaderboard
from explorer.tasks.compare_result import CompareResult
from explorer.tasks.compare_table import Row
from pages.ui.kit import figures, forms, messages
from pages.ui.runs import curves, lineage
from pages.ui.sections.compare_choice import Model

HEIGHT = 280
CURVES = {
    "knn": "kNN accuracy on validation images (higher is better)",
    "val_loss": "Validation loss (lower is better)",
}


def show(models: Sequence[Model], result: CompareResult | None) -> None:
    """The table and the curves."""
    messages.heading("What they are, side by side")
    rows = compare_table.rows([it.ref for it in models], result.scores if result else None)
    hide = st.toggle("Hide what is the same", True, key="hide-same", bind="query-params")
    shown = [row for row in rows if not (hide and row.same)]
    if not shown:
        messages.prose("**There is no difference**: all models have the same values everywhere.")
    else:
        table = [
            {"": _label(row), **{it.name: _cell(row, value) for it, value in zip(models, row.values, strict=True)}}
            for row in shown
        ]
        st.dataframe(table, hide_index=True, key="compare-table", placeholder="–", alt="The models side by side")
    if hidden := len(rows) - len(shown):
        many = f"{hidden} rows are hidden: they are" if hidden > 1 else "1 row is hidden: it is"
        messages.caption(f"{many} the same for all models.")
    _curves(models)


def _label(row: Row) -> str:
    own = lineage.name(row.name) if row.group.startswith("hyperparameters") else row.name
    return f"{own} ({row.group.removeprefix('probes, ')})" if row.group.startswith("probes") else own


def _cell(row: Row, value: object) -> str | None:
    if value is None:
        return None
    if row.group.startswith("probes"):
        return messages.percent(value) if isinstance(value, float) else str(value)
    if row.group.startswith("hyperparameters"):
        return lineage.shown(row.name, list(value) if isinstance(value, tuple) else value)
    if row.name == "seconds":
        return messages.duration(float(value))
    return f"{value:,}" if isinstance(value, int) else forms.setting(value)


def _curves(models: Sequence[Model]) -> None:
    """What was measured during the trainings, by the share of each training that was done."""
    runs = {it.name: run for it in models if not ModelRef.parse(it.ref).which and (run := ModelRef.parse(it.ref).run)}
    if not runs:
        return
    with st.grid(2, min_column_width=320, gap="medium"):
        for key, title in CURVES.items():
            for i, alike in enumerate(together(runs, key)):
                _curve(f"{key}-{i}", key, title, alike)


def together(runs: Mapping[str, Run], key: str) -> list[dict[str, Run]]:
    """The runs, by name, that share an axis: on the same images, and for a loss of the same method, too."""
    groups: dict[object, dict[str, Run]] = {}
    for name, run in runs.items():
        of = run.spec
        question = (of.dataset, tuple(sorted(of.train.get("classes") or ())), of.train.get("size") or 0)
        groups.setdefault((question, of.method if key == "val_loss" else None), {})[name] = run
    return list(groups.values())


def _curve(place: str, key: str, title: str, runs: Mapping[str, Run]) -> None:
    """The curves of runs that share an axis, with the name of their data."""
    series = {}
    for name, run in runs.items():
        steps, values = curves.line(run.metrics(), key)
        if len(steps) > 1:
            series[name] = (steps / max(run.status.steps, float(steps[-1]), 1.0), values)
    if not series:
        return
    title = f"{title}, {leaderboard.title_of(next(iter(runs.values())).spec.dataset)}"
    with st.container(key=f"compare-curve-{place}"):
        figure = figures.curves(series, "share of the training", "", height=HEIGHT)
        figure.update_xaxes(tickformat=".0%")
        if key == "knn":
            figure.update_yaxes(tickformat=".0%").update_traces(hovertemplate="%{y:.1%}")
        figures.show(figure, f"compare-{place}", f"{title} of {', '.join(series)}", title=title)
