"""Means with intervals against a number: a line for each mechanism, or a point for each method."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from pages.ui.kit import figures, messages
from pages.ui.kit.palette import NAMED, SYMBOLS, finish, words

HEIGHT = 360  # pixels
CLOSE = 0.06  # of an axis: nearer numbers or names would lie on one another


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
    _axes(figure, series, x_title, percent, True, named)
    _levels(figure, levels or {})
    return finish(figure, height, legend=len(series) > 1)


def _name(figure: go.Figure, each: Series, colour: str) -> None:
    """The name of a line at its end; `lines.spread_ends` moves those apart that would meet."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 4, "showarrow": False}
    figure.add_annotation(name="end", y=each.y[-1], text=words(each.name), font={"color": colour}, **place)


def _levels(figure: go.Figure, levels: Mapping[str, float]) -> None:
    """What every line has to beat, with the name at its end."""
    for role, y in levels.items():
        figures.level(figure, y, "raw pixels" if role == "pixels" else role, role=role, value=messages.percent(y))


def _trace(each: Series, place: int, mode: str, percent: bool) -> go.Scatter:
    place = place if each.place is None else each.place
    colour, symbol = figures.colour(place), SYMBOLS[place % 5]
    symbol, edge = (f"{symbol}-open", 2) if each.hollow else (symbol, 0)
    marker = {"size": 9, "color": colour, "symbol": symbol, "line": {"width": edge}}
    bars = {"type": "data", "array": list(each.half), "thickness": 1.5, "width": 4} if len(each.half) else None
    name = words(f"{each.name}, your runs" if each.hollow else each.name)
    form = "%{y:.1%}" if percent else "%{y:.4g}"
    labels = [words(label) for label in each.labels or [each.name] * len(each.x)]
    return go.Scatter(
        x=list(each.x), y=list(each.y), name=name, mode=mode, marker=marker, error_y=bars, text=labels,
        line={"color": colour, "width": 2, "dash": "dot" if each.hollow else "solid"},
        hovertemplate=f"%{{text}}: {form}<extra></extra>", textposition=_sides(each),
    )  # fmt: skip


def _sides(each: Series) -> list[str]:
    """On which side of its point each label stands: where two of one place are close, one goes to the left."""
    sides, last = ["middle right"] * len(each.x), {}
    reach = (max(each.y) - min(each.y)) * CLOSE if len(each.y) else 0.0
    for i in sorted(range(len(each.y)), key=lambda i: each.y[i]):
        key = round(math.log10(max(each.x[i], 1e-9)), 1)
        before = last.get(key)
        if before is not None and each.y[i] - each.y[before] < reach and sides[before] == "middle right":
            sides[i] = "middle left"
        last[key] = i
    return sides


def _axes(
    figure: go.Figure, series: Sequence[Series], x_title: str, percent: bool, log: bool, named: bool | None = None
) -> None:
    places = sorted({x for each in series for x in each.x})
    chosen = _apart(places) if named is None else _decades(places)
    own = {"tickvals": chosen, "ticktext": [f"{x:,.0f}" for x in chosen], "tickangle": 0} if len(chosen) > 1 else {}
    if named and log:
        own["range"] = [math.log10(places[0]) - 0.7, math.log10(places[-1]) + 0.45]  # room for the names
    figure.update_xaxes(title=x_title, type="log" if log else "linear", fixedrange=True, **own)
    figure.update_yaxes(title=None, tickformat=".0%" if percent else "~g", fixedrange=True)
    figure.update_layout(hovermode="closest")


def _apart(places: Sequence[float]) -> list[float]:
    """Those places that leave room for their numbers on a logarithmic axis."""
    span = math.log(places[-1] / places[0]) if places and places[0] > 0 else 0.0
    chosen: list[float] = []
    for x in places:
        if not chosen or math.log(x / chosen[-1]) > CLOSE * span:
            chosen.append(x)
    return chosen


def _decades(places: Sequence[float]) -> list[float]:
    """Round numbers, 1, 2 and 5 in every decade, within the places."""
    low, high = math.floor(math.log10(places[0])), math.ceil(math.log10(places[-1]))
    every = [digit * 10.0**power for power in range(low, high + 1) for digit in (1, 2, 5)]
    return [x for x in every if places[0] * 0.8 <= x <= places[-1] * 1.25]
