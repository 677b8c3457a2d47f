"""Curves that carry their names at their ends, and the levels across them."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from pages.ui.kit import messages
from pages.ui.kit.palette import DASHES, FAINT, LABEL, NAMED, ROLES, colour, finish


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
        figure.add_trace(go.Scatter(x=x, y=y, name=name, mode=mode, line=line, hovertemplate="%{y:.4g}"))
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
    text = f"{words}: {messages.number(y)}"
    figure.add_annotation(text=text, y=y, name="level", font={"color": FAINT, "size": 12}, **place)


def _end(figure: go.Figure, name: str, y: float, colour: str, kind: str = "end") -> None:
    """The name of a line at its end, in its colour."""
    place = {"x": 1, "xref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 4, "showarrow": False}
    figure.add_annotation(name=kind, text=name, y=y, font={"color": colour, "size": 12}, **place)


def spread_ends(figure: go.Figure) -> None:
    """Make room for the names at the ends of lines, and move those apart that would lie on one another."""
    ends = [note for note in figure.layout.annotations if note.name in ("end", "level end")]
    if not ends:
        return
    lines = [np.asarray(trace.y, float) for trace in figure.data if len(trace.y)]
    values = np.concatenate([*lines, [note.y for note in ends]])
    values = values[np.isfinite(values)]
    scale = (figure.layout.height - 60) / max(float(np.ptp(values)) * 1.1, 1e-12)  # pixels for one unit
    before = -np.inf
    for note in sorted(ends, key=lambda note: note.y):
        at = max(note.y * scale, before + LABEL)
        note.yshift, before = at - note.y * scale, at
    widest = max(len(note.text) for note in ends)
    figure.update_layout(margin={"r": min(170, 14 + round(6.6 * widest))}, meta={"ends": True})
