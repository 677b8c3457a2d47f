"""Curves that carry their names at their ends, and the levels across them."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from pages.ui.kit import messages
from pages.ui.kit.palette import DASHES, FAINT, LABEL, NAMED, ROLES, colour, finish
from pages.ui.kit.palette import words as spelled


def curves(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x_title: str,
    y_title: str,
    *,
    chance: float | None = None,
    chance_label: str = "chance",
    pairs: bool = False,
    roles: Mapping[str, str] | None = None,
    height: int = 320,
) -> go.Figure:
    """Lines by name: `{"train": (steps, losses), …}`; `chance` draws the level of a network that has learned nothing.

    Colour and dash tell lines apart; with `pairs`, two neighbours share a colour (train solid, validation dashed);
    `roles` gives lines the colour of what they are. Up to four lines carry their name at their end.
    """
    figure = go.Figure()
    for i, (name, (x, y)) in enumerate(series.items()):
        line = {
            "color": colour(i // 2 if pairs else i),
            "dash": DASHES[i % 2 if pairs else i % len(DASHES)],
            "width": 2,
        } | ROLES.get((roles or {}).get(name, ""), {})
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        mode = "lines" if len(x) > 12 else "lines+markers"
        figure.add_trace(go.Scatter(x=x, y=y, name=spelled(name), mode=mode, line=line, hovertemplate="%{y:.4g}"))
        if 1 < len(series) <= NAMED and len(x):
            _end(figure, name, float(y[-1]), line["color"])
    if chance is not None:
        level(figure, chance, chance_label)
    figure.update_layout(hovermode="x unified", xaxis_title=x_title, yaxis_title=y_title)
    return finish(figure, height, legend=len(series) > NAMED)


def level(
    figure: go.Figure, y: float, words: str, above: bool = True, *, role: str = "chance", value: str = ""
) -> None:
    """A level across curves, with its name and number above or below it at the right; with `value`, at its end."""
    figure.add_hline(y=y, line={**ROLES[role], "width": 2})
    if value:
        _end(figure, f"{words} {value}", y, FAINT, "level end")
        return
    place = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom" if above else "top", "showarrow": False}
    text = f"{spelled(words)}: {messages.number(y)}"
    figure.add_annotation(text=text, y=y, name="level", font={"color": FAINT}, **place)


def _end(figure: go.Figure, name: str, y: float, colour: str, kind: str = "end") -> None:
    """The name of a line at its end, in its colour."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 4, "showarrow": False}
    figure.add_annotation(name=kind, text=spelled(name), y=y, font={"color": colour}, **place)


def spread_ends(figure: go.Figure) -> None:
    """Make room for the names at the ends of lines, and move those apart that would lie on one another.

    It is called when the figure is complete: the axis decides how far apart two values are, and how levels are written.
    """
    _write_levels(figure)
    ends = sorted(
        (note for note in figure.layout.annotations if note.name in ("end", "level end")), key=lambda note: note.y
    )
    if not ends:
        return
    low, high = _range(figure, [note.y for note in ends])
    scale = (figure.layout.height - 60) / max(high - low, 1e-12)  # pixels for one unit
    wanted = [(note.y - low) * scale for note in ends]
    for note, y, at in zip(ends, wanted, _apart(wanted, (high - low) * scale), strict=True):
        note.yshift = at - y
    widest = max(len(note.text) for note in ends)
    figure.update_layout(margin={"r": min(170, 14 + round(6.6 * widest))}, meta={"ends": True})


def _write_levels(figure: go.Figure) -> None:
    """On an axis of percentages, a level is a percentage."""
    if not (figure.layout.yaxis.tickformat or "").endswith("%"):
        return
    for note in figure.layout.annotations:
        if note.name == "level":
            note.text = f"{note.text.rpartition(': ')[0]} {messages.percent(note.y)}"
            note.name = "level in percent"


def _range(figure: go.Figure, ends: Sequence[float]) -> tuple[float, float]:
    """The lowest and highest value of the axis: as it was set, else as Plotly will choose it."""
    axis = figure.layout.yaxis
    if axis.range:
        return axis.range[0], axis.range[1]
    lines = [np.asarray(trace.y, float) for trace in figure.data if len(trace.y)]
    values = np.concatenate([*lines, ends, [0.0] if axis.rangemode == "tozero" else []])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    return low - 0.05 * (high - low), high + 0.05 * (high - low)


def _apart(wanted: Sequence[float], height: float) -> list[float]:
    """Where names stand, in pixels from the bottom: a line apart, as near as possible to where they should stand.

    `wanted` is sorted. Names that meet are moved up and down alike (isotonic regression), inside the `height`.
    """
    groups: list[tuple[float, int]] = []  # mean of the offsets, and of how many names
    for i, at in enumerate(wanted):
        mean, n = at - i * LABEL, 1
        while groups and groups[-1][0] > mean:
            other, m = groups.pop()
            mean, n = (mean * n + other * m) / (n + m), n + m
        groups.append((mean, n))
    top = max(height - (len(wanted) - 1) * LABEL, 0)
    offsets = [min(max(mean, 0), top) for mean, n in groups for _ in range(n)]
    return [offset + i * LABEL for i, offset in enumerate(offsets)]
