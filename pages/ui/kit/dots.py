"""Measured numbers as dots with intervals, and a class's guesses as dots: figures that never start at zero."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

import plotly.graph_objects as go

from pages.ui.kit import figures
from pages.ui.kit.palette import words

LINE, FOOT = 38, 44  # pixels of a row; of the axis below
LABEL = 22  # characters of a row's name before it breaks
MANY = 24  # dots in one line
NAMES = {"pixels": "raw pixels"}  # of levels, where the role has another one


class Row(NamedTuple):
    """One row: its dots, the interval around their mean, and what a dot is called."""

    label: str
    values: Sequence[float]
    low: float
    high: float
    names: Sequence[str] = ()
    marked: int | None = None  # the dot that is the visitor's own
    colour: int | None = None  # of the palette; else by its place
    hollow: Sequence[float] = ()  # measured elsewhere: drawn as rings
    role: str = ""  # in `palette.ROLES`, whose colour it has instead


def broken(text: str) -> str:
    """A row's name in lines that leave room for the dots."""
    return "<br>".join(map(words, wrap(text, LABEL))) or words(text)


def intervals(
    rows: Sequence[Row],
    percent: bool = True,
    least: float = 0.0,
    limit: float | None = None,
    levels: Mapping[str, float] | None = None,
    line: int = LINE,
) -> go.Figure:
    """A row for each name: every value a dot, the interval a line; a difference of `least` is seen to be small.

    `limit` is drawn across all rows, and so are the `levels`, by their roles, with their names above; a row is `line`
    pixels high.
    """
    figure = go.Figure()
    for i, row in enumerate(rows):
        y, colour = broken(row.label), figures.colour(i if row.colour is None else row.colour)
        colour = figures.ROLES[row.role]["color"] if row.role else colour
        if row.high > row.low:
            bar = {"color": colour, "width": 3}
            figure.add_scatter(x=[row.low, row.high], y=[y, y], mode="lines", line=bar, opacity=0.45, hoverinfo="skip")
        figure.add_trace(_dots(row, y, colour, percent))
        if row.hollow:
            figure.add_trace(_rings(row, y, colour, percent))
    levels = levels or {}
    low, high = _span(rows, 4 * least or (0.02 if percent else 0.0), [*levels.values(), *[limit] * (limit is not None)])
    if limit is not None:
        figure.add_vline(x=limit, line={"color": figures.FAINT, "dash": "dot", "width": 2})
    form = (".1%" if high - low < 0.04 else ".0%") if percent else "~g"
    axis = {"tickformat": form, "zeroline": False, "nticks": 5, "range": [low, high], "fixedrange": True}
    figure.update_xaxes(title=None, **axis)
    figure.update_yaxes(**_rows(len(rows)), fixedrange=True)
    _finish(figure, line * len(rows) + FOOT)
    return _with_levels(figure, levels)


def _with_levels(figure: go.Figure, levels: Mapping[str, float]) -> go.Figure:
    """Levels down through all rows; each name stands in a line of its own above, so that none lies on another."""
    for i, (role, x) in enumerate(sorted(levels.items(), key=lambda level: level[1])):
        figure.add_vline(x=x, line={**figures.ROLES[role], "width": 2}, layer="below")
        figure.add_annotation(
            x=x, y=1, yref="paper", yanchor="bottom", yshift=figures.LABEL * (len(levels) - 1 - i), xanchor="left",
            xshift=-1, text=f"{NAMES.get(role, role)}", showarrow=False, font={"color": figures.FAINT},
        )  # fmt: skip
    room = figures.LABEL * len(levels)
    return figure.update_layout(height=figure.layout.height + room, margin={"t": 8 + room})


def _span(rows: Sequence[Row], least: float, besides: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis: all dots and intervals with a margin, and never so near that nothing looks like much."""
    ends = [value for row in rows for value in (*row.values, *row.hollow, row.low, row.high)]
    ends += besides
    low, high = min(ends), max(ends)
    room = max(least - (high - low), 0.14 * (high - low), 1e-9 + 0.02 * abs(high)) / 2
    return low - room, high + room


def _dots(row: Row, y: str, colour: str, percent: bool) -> go.Scatter:
    marker = {"size": [15 if i == row.marked else 11 for i in range(len(row.values))], "color": colour, "opacity": 0.85}
    marker["line"] = {"width": [2.5 if i == row.marked else 0 for i in range(len(row.values))], "color": figures.TEXT}
    names = list(map(words, row.names)) or [""] * len(row.values)
    form = "%{x:.1%}" if percent else "%{x:.4g}"
    hover = f"{form}<extra>%{{text}}</extra>"
    return go.Scatter(x=list(row.values), y=[y] * len(row.values), text=names, mode="markers", marker=marker,
                      hovertemplate=hover)  # fmt: skip


def _rings(row: Row, y: str, colour: str, percent: bool) -> go.Scatter:
    """What was measured elsewhere."""
    marker = {"size": 11, "symbol": "circle-open", "color": colour, "line": {"width": 2}}
    form = "%{x:.1%}" if percent else "%{x:.4g}"
    return go.Scatter(x=list(row.hollow), y=[y] * len(row.hollow), mode="markers", marker=marker,
                      hovertemplate=f"{form}<extra>your runs</extra>")  # fmt: skip


def stacked(counts: Mapping[str, int], own: str = "", right: str = "") -> go.Figure:
    """A dot for each guess, in the row of its answer; `own` wears a ring, the row of the measured answer its colour."""
    figure = go.Figure()
    for answer, n in counts.items():
        shown = min(n, MANY)
        colour = figures.colour(2) if answer == right else figures.colour(7)
        edges = [2.5 if answer == own and i == 0 else 0 for i in range(shown)]
        marker = {"size": 13, "color": colour, "line": {"width": edges, "color": figures.TEXT}}
        name, label = broken(answer), f"{n}" if n else "none"
        figure.add_scatter(
            x=list(range(1, shown + 1)), y=[name] * shown, mode="markers", marker=marker, hoverinfo="skip"
        )
        figure.add_annotation(x=shown + 0.8, y=name, text=label, showarrow=False, xanchor="left")
    most = max([6, *(min(n, MANY) for n in counts.values())])
    figure.update_xaxes(range=[0.3, most + 3], visible=False, fixedrange=True)
    figure.update_yaxes(**_rows(len(counts)), fixedrange=True, categoryarray=[broken(it) for it in counts])
    return _finish(figure, LINE * len(counts) + 16)


def _rows(n: int) -> dict[str, object]:
    """Names at the left, first on top, each with a faint line."""
    return {"type": "category", "range": [n - 0.5, -0.5], "automargin": True, "ticks": "", "title": None}


def _finish(figure: go.Figure, height: int) -> go.Figure:
    margin = {"l": 8, "r": 8, "t": 8, "b": 8}
    return figure.update_layout(height=height, margin=margin, showlegend=False, dragmode=False, hovermode="closest",
                                uirevision="keep")  # fmt: skip
