"""Means with intervals against a number: a line for each mechanism, or a point for each method."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from pages.ui.kit import figures
from pages.ui.kit.palette import NAMED, SYMBOLS, finish

HEIGHT = 360  # pixels


class Series(NamedTuple):
    """One line: where each of its points lies, how far the interval of its mean reaches, and what it is called."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    half: Sequence[float] = ()  # of the interval, on either side
    hollow: bool = False  # measured elsewhere: drawn as rings
    place: int | None = None  # in the palette; else by its order
    labels: Sequence[str] = ()  # of its points


def lines(
    series: Sequence[Series],
    x_title: str,
    *,
    percent: bool = True,
    log: bool = True,
    levels: Mapping[str, float] | None = None,
    height: int = HEIGHT,
) -> go.Figure:
    """A line for each series, whose name stands at its end, or from five on in a legend."""
    figure = go.Figure()
    full = [each for each in series if not each.hollow]
    legend = len(full) > NAMED
    for i, each in enumerate(series):
        figure.add_trace(_trace(each, i, "lines+markers", percent))
        if not legend and len(full) > 1 and not each.hollow and len(each.y):
            _name(figure, each, figures.colour(i if each.place is None else each.place))
    _axes(figure, series, x_title, percent, log)
    _levels(figure, levels or {})
    return finish(figure, height, legend)


def points(
    series: Sequence[Series],
    x_title: str,
    *,
    percent: bool = True,
    levels: Mapping[str, float] | None = None,
    named: bool = False,
    height: int = HEIGHT,
) -> go.Figure:
    """A point for each method, coloured by family; `named`, each with its name beside it."""
    figure = go.Figure()
    for i, each in enumerate(series):
        figure.add_trace(_trace(each, i, "markers+text" if named else "markers", percent))
    _axes(figure, series, x_title, percent, log=True, ticks=False)
    _levels(figure, levels or {})
    return finish(figure, height, legend=len(series) > 1)


def _name(figure: go.Figure, each: Series, colour: str) -> None:
    """The name of a line at its end; `lines.spread_ends` moves those apart that would meet."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 4, "showarrow": False}
    figure.add_annotation(name="end", y=each.y[-1], text=each.name, font={"color": colour}, **place)


def _levels(figure: go.Figure, levels: Mapping[str, float]) -> None:
    """What every line has to beat."""
    for i, (role, y) in enumerate(sorted(levels.items(), key=lambda level: level[1])):
        figures.level(figure, y, "raw pixels" if role == "pixels" else role, above=bool(i % 2), role=role)


def _trace(each: Series, place: int, mode: str, percent: bool) -> go.Scatter:
    place = place if each.place is None else each.place
    colour, symbol = figures.colour(place), SYMBOLS[place % 5]
    symbol, edge = (f"{symbol}-open", 2) if each.hollow else (symbol, 0)
    marker = {"size": 9, "color": colour, "symbol": symbol, "line": {"width": edge}}
    bars = {"type": "data", "array": list(each.half), "thickness": 1.5, "width": 4} if len(each.half) else None
    name = f"{each.name}, your runs" if each.hollow else each.name
    form = "%{y:.1%}" if percent else "%{y:.4g}"
    labels = list(each.labels) or [each.name] * len(each.x)
    return go.Scatter(
        x=list(each.x), y=list(each.y), name=name, mode=mode, marker=marker, error_y=bars, text=labels,
        line={"color": colour, "width": 2, "dash": "dot" if each.hollow else "solid"},
        hovertemplate=f"%{{text}}: {form}<extra></extra>", textposition="middle right",
    )  # fmt: skip


def _axes(
    figure: go.Figure, series: Sequence[Series], x_title: str, percent: bool, log: bool, ticks: bool = True
) -> None:
    places = sorted({x for each in series for x in each.x})
    own = {"tickvals": places, "ticktext": [f"{x:,.0f}" for x in places]} if ticks and len(places) <= 9 else {}
    figure.update_xaxes(title=x_title, type="log" if log else "linear", fixedrange=True, **own)
    figure.update_yaxes(title=None, tickformat=".0%" if percent else "~g", fixedrange=True)
    figure.update_layout(hovermode="closest")
