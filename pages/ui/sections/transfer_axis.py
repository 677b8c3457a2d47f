"""The picture of a transfer: accuracy against labels per class, a line for each arm; or dots, of one amount."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explorer.evaluation import arms
from explorer.evaluation.arm_results import Accuracy
from explorer.evaluation.crossover import Crossover, open_below
from explorer.evaluation.statistics import percent
from pages.ui.kit import dots, figures
from pages.ui.kit.palette import NAMED, SYMBOLS, finish
from pages.ui.sections.transfer_words import ARMS

KEY, HEIGHT = "transfer-axis", 360  # pixels
NARROW = 0.09  # of the axis: nearer numbers would lie on one another
GREY = 7  # in the palette: what has learned nothing elsewhere
PLACES = {arm: i if arms.ARMS[arm].pretrained else GREY for i, arm in enumerate(ARMS)}  # one colour on all charts
MARKS = dict(zip(ARMS, SYMBOLS, strict=False))
TITLE = "Test accuracy (higher is better)"


def show(
    rows: Sequence[Accuracy],
    classes: int,
    crossovers: Sequence[Crossover] = (),
    levels: Mapping[str, float] | None = None,
    amounts: int = 0,
) -> None:
    """The accuracies so far; `amounts` is how many were asked for, `levels` what needs no training, by role."""
    names = ", ".join(ARMS[arm][0] for arm in dict.fromkeys(row.arm for row in rows))
    if max(amounts, len({row.labels for row in rows})) > 1:
        alt = f"Test accuracy against labels per class, by arm: {names}"
        figures.show(lines(rows, classes, crossovers, levels or {}), KEY, alt, title=TITLE)
        return
    figure = dots.intervals([_row(row) for row in rows], levels=levels, line=44)
    figures.show(figure, KEY, f"Test accuracy of {names}", title=TITLE)


def _row(row: Accuracy) -> dots.Row:
    named = [f"seed {i}" for i in range(len(row.accuracies))] if len(row.accuracies) > 1 else ["test accuracy"]
    return dots.Row(ARMS[row.arm][0], row.accuracies, row.low, row.high, named, colour=PLACES[row.arm])


def lines(
    rows: Sequence[Accuracy], classes: int, crossovers: Sequence[Crossover], levels: Mapping[str, float]
) -> go.Figure:
    """A line for each arm with its band, and where another arm crosses the frozen one."""
    figure = go.Figure()
    by_arm: dict[str, list[Accuracy]] = {}
    for row in sorted(rows, key=lambda row: row.n_train):
        by_arm.setdefault(row.arm, []).append(row)
    for arm, own in by_arm.items():
        figure.add_trace(_band(arm, own, classes))
    for arm, own in by_arm.items():
        figure.add_trace(_line(arm, own, classes))
        if 1 < len(by_arm) <= NAMED:
            _name(figure, arm, own[-1].mean)
    for role, value in levels.items():
        figures.level(figure, value, role, role=role if role in figures.ROLES else "untrained",
                      value=percent(value))  # fmt: skip
    _axes(figure, rows, classes)
    for i, each in enumerate(each for each in crossovers if each.at is not None and not open_below(each)):
        _mark(figure, each, i)
    return finish(figure, HEIGHT, legend=len(by_arm) > NAMED)


def _band(arm: str, own: Sequence[Accuracy], classes: int) -> go.Scatter:
    """The 95% intervals, each of its amount alone; a single amount has a line of no width."""
    x = [row.n_train / classes for row in own]
    return go.Scatter(
        x=[*x, *reversed(x)], y=[*(row.high for row in own), *reversed([row.low for row in own])], mode="lines",
        line={"width": 0 if len(own) > 1 else 2, "color": figures.colour(PLACES[arm])}, fill="toself",
        fillcolor=figures.colour(PLACES[arm]), opacity=0.13 if len(own) > 1 else 0.5, hoverinfo="skip",
        showlegend=False,
    )  # fmt: skip


def _line(arm: str, own: Sequence[Accuracy], classes: int) -> go.Scatter:
    place = PLACES[arm]
    marker = {"size": 8, "color": figures.colour(place), "symbol": MARKS[arm]}
    return go.Scatter(
        x=[row.n_train / classes for row in own], y=[row.mean for row in own], name=ARMS[arm][0],
        text=[_said(row) for row in own], mode="lines+markers", line={"color": figures.colour(place), "width": 2},
        marker=marker, hovertemplate="%{text}",
    )  # fmt: skip


def _said(row: Accuracy) -> str:
    """A point in words: its mean and interval, and over how many seeds they are."""
    seeds = len(row.accuracies)
    over = f"{seeds} seeds" if seeds > 1 else "one seed"
    return f"{percent(row.mean)} (95% interval {percent(row.low)} to {percent(row.high)}, {over})"


def _name(figure: go.Figure, arm: str, y: float) -> None:
    """The name of a line at its end; `lines.spread_ends` moves those apart that would meet."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 4, "showarrow": False}
    figure.add_annotation(name="end", y=y, text=ARMS[arm][0], font={"color": figures.colour(PLACES[arm])}, **place)


def _axes(figure: go.Figure, rows: Sequence[Accuracy], classes: int) -> None:
    asked: dict[str, list[float]] = {}
    for row in rows:
        asked.setdefault(row.labels, []).append(row.n_train / classes)
    places = sorted((sum(of) / len(of), label) for label, of in asked.items())
    low, high = math.log10(places[0][0]), math.log10(places[-1][0])
    room = 0.04 * (high - low) or 0.1
    shown: list[tuple[float, str]] = []
    for x, label in places:
        if not shown or math.log10(x / shown[-1][0]) > NARROW * (high - low):
            shown.append((x, label if label.isdecimal() else f"{label} ({x:,.3g})"))
    figure.update_xaxes(
        title="labels per class (logarithmic)", type="log", range=[low - room, high + room], fixedrange=True,
        tickvals=[x for x, _ in shown], ticktext=[text for _, text in shown], tickangle=0, minor={"ticks": ""},
    )  # fmt: skip
    figure.update_yaxes(title=None, tickformat=".0%", fixedrange=True)
    figure.update_layout(hovermode="x unified")


def _mark(figure: go.Figure, each: Crossover, i: int) -> None:
    """Where the second arm begins to beat the first: a line down, and on the axis from where to where it may lie."""
    colour = figures.colour(PLACES[each.second])
    figure.add_vline(x=each.at, line={"color": colour, "dash": "dot", "width": 2})
    figure.add_annotation(
        x=math.log10(each.at), y=0, yref="paper", yanchor="bottom", xanchor="left", xshift=4, yshift=6 + 16 * i,
        text=f"crossover {each.at:,.3g}", showarrow=False, font={"color": colour},
    )  # fmt: skip
    if each.low is None:
        return
    points = each.differences
    ends = max(each.low, points[0].labels), points[-1].labels if each.high is None else each.high
    low, high = (math.log10(x) for x in ends)
    figure.add_shape(type="line", x0=10**low, x1=10**high, y0=0.006 + 0.014 * i, y1=0.006 + 0.014 * i, yref="paper",
                     line={"color": colour, "width": 4}, opacity=0.6)  # fmt: skip


def levels(scores: Mapping[str, Any], chance: float) -> dict[str, float]:
    """What stands across the chart: guessing, or its imbalanced counterpart, and what the network's own head names."""
    found = {"chance": chance} if chance else {}
    if "test_accuracy" in (own := scores.get("own_head", {})):
        found["own head, untrained"] = own["test_accuracy"]
    return found
