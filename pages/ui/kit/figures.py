"""Plotly figures in the theme's colours: maps, curves, bars. Every figure takes part in light and dark by itself."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui.kit import chart, point_map
from pages.ui.kit.chart import Cursor, Film, Marks, Stored
from pages.ui.kit.lines import curves, level, spread_ends
from pages.ui.kit.palette import (
    BACKGROUND,
    BLUISH_GREEN,
    COLOURS,
    DASHES,
    FAINT,
    GREY,
    GRID,
    LABEL,
    LINE,
    PRIMARY,
    ROLES,
    SYMBOLS,
    TEXT,
    VERMILION,
    colour,
    finish,
    words,
)  # fmt: skip

BINS = 36  # of a histogram by class

__all__ = [
    "BACKGROUND", "BLUISH_GREEN", "COLOURS", "DASHES", "FAINT", "GREY", "GRID", "LABEL", "LINE", "PRIMARY", "ROLES",
    "TEXT", "VERMILION", "Cursor", "Film", "Marks", "Stored", "colour", "curves", "level", "spread_ends",
]  # fmt: skip


def scatter(
    coords: np.ndarray,
    y: np.ndarray,
    classes: Sequence[str],
    ids: np.ndarray | None = None,
    *,
    ring: Sequence[int] = (),
    size: float = 6,
    height: int = 520,
) -> go.Figure:
    """A map: coords [N, 2] or [N, 3], a colour and a symbol for each class, `ids` [N] of your own (default 0 … N-1).

    Points whose id is in `ring` wear a ring. Hover, click and lasso go through `show`.
    """
    coords, ids = np.asarray(coords, np.float32), np.arange(len(coords)) if ids is None else np.asarray(ids)
    by_class = point_map.Colouring("class", np.asarray(y), tuple(classes))
    figure = point_map.figure(coords, by_class, ids, size=size, height=height)
    ringed = np.flatnonzero(np.isin(ids, list(ring)))
    if len(ringed):
        figure.add_trace(point_map.rings(coords[ringed], ids[ringed], size, len(coords)))
    return figure


def bars(
    values: Mapping[str, Sequence[float]],
    categories: Sequence[str],
    title: str = "",
    *,
    sideways: bool = False,
    height: int = 260,
) -> go.Figure:
    """Bars for each category, a group of them where `values` has several names; one name alone colours by category.

    Sideways, values that lie close together are dots on a scale that tells them apart: bars from zero would not.
    """
    figure, categories = go.Figure(), [words(category) for category in categories]
    dots = sideways and close(values)
    for i, (name, numbers) in enumerate(values.items()):
        paint = [colour(j) for j in range(len(categories))] if len(values) == 1 else colour(i)
        ends = {"x": numbers, "y": categories, "orientation": "h"} if sideways else {"x": categories, "y": numbers}
        hover = "%{y}: %{x:,.4g}" if sideways else "%{x}: %{y:,.4g}"
        more = {"name": words(name), "hovertemplate": hover + "<extra></extra>"}
        if dots:
            marker = {"color": paint, "size": 11, "symbol": SYMBOLS[i]}
            figure.add_trace(go.Scatter(**ends, mode="markers", marker=marker, **more))
        else:
            figure.add_trace(go.Bar(**ends, marker={"color": paint}, **more))
    figure.update_layout({"yaxis" if sideways else "xaxis": {"type": "category"}})  # classes may be called 0 … 9
    figure.update_layout(barmode="group", bargap=0.25, **{f"{'x' if sideways else 'y'}axis_title": title})
    if sideways:
        figure.update_yaxes(autorange="reversed")
    return finish(figure, height, legend=len(values) > 1)


def histogram(values: np.ndarray, i: int = 0, *, bins: int = 24, height: int = 120) -> go.Figure:
    """A small histogram in the colour of category `i`; counted here, so that only the counts travel."""
    values = np.asarray(values)
    whole = np.issubdtype(values.dtype, np.integer)
    counts, edges = np.histogram(values, np.arange(values.min(), values.max() + 2) - 0.5 if whole else bins)
    bar = go.Bar(
        x=(edges[:-1] + edges[1:]) / 2, y=counts, marker={"color": colour(i)}, hovertemplate="%{x:.3g}: %{y:,}"
    )
    figure = go.Figure(bar.update(name=""))
    figure.update_layout(bargap=0.08, yaxis={"showticklabels": False, "showgrid": False})
    return finish(figure, height, legend=False)


def counts(names: Sequence[str], values: Sequence[int], colours: Sequence[int], height: int) -> go.Figure:
    """How many there are of each name: bars with their number, in colours of the palette."""
    paint = [colour(i) for i in colours]
    bar = go.Bar(
        x=list(values), y=[words(name) for name in names], orientation="h", marker={"color": paint},
        text=[f"{n:,}" for n in values], textposition="auto", hovertemplate="%{y}: %{x:,}<extra></extra>",
    )  # fmt: skip
    figure = go.Figure(bar).update_layout(bargap=0.25)
    figure.update_yaxes(autorange="reversed", type="category").update_xaxes(visible=False)
    return finish(figure, height, legend=False)


def by_class(
    values: np.ndarray, y: np.ndarray, classes: Sequence[str], shown: Sequence[int], ends: Sequence[str], height: int
) -> go.Figure:
    """A histogram of values [N], stacked by class y [N]; classes not `shown` are one; `ends` stand at 0 and 1."""
    figure, edges = go.Figure(), np.histogram_bin_edges(values, BINS)
    middle = (edges[:-1] + edges[1:]) / 2
    parts = [(classes[i], y == i, colour(i)) for i in shown]
    if (others := ~np.isin(y, list(shown))).any():
        parts.append(("other classes", others, GREY))
    for name, here, paint in parts:
        hover = f"{words(name)}: %{{y:,}} around %{{x:.2f}}<extra></extra>"
        n = np.histogram(values[here], edges)[0]
        figure.add_bar(x=middle, y=n, name=words(name), marker={"color": paint}, hovertemplate=hover)
    for place, name in enumerate(ends):
        figure.add_vline(x=place, line={"color": TEXT, "dash": "dot", "width": 1.5})
        figure.add_annotation(x=place, y=1, yref="paper", yanchor="bottom", text=words(name), showarrow=False)
    figure.update_layout(barmode="stack", bargap=0, yaxis={"showticklabels": False, "showgrid": False})
    finish(figure, height, legend=False)
    return figure.update_layout(margin={"t": 28})


def waiting(why: str, height: int) -> go.Figure:
    """What stands in the place of a chart that has nothing to show yet: why, in its full size."""
    figure = go.Figure()
    figure.add_annotation(
        text=words(why), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"color": FAINT}
    )
    frame = {"type": "rect", "x0": 0, "x1": 1, "y0": 0, "y1": 1, "xref": "paper", "yref": "paper"}
    figure.add_shape(**frame, line={"color": LINE, "width": 1, "dash": "dot"})
    figure.update_xaxes(visible=False, fixedrange=True).update_yaxes(visible=False, fixedrange=True)
    return finish(figure, height, legend=False).update_layout(dragmode=False, meta={"waiting": True})


def close(values: Mapping[str, Sequence[float]]) -> bool:
    """Whether all values lie so close together that bars from zero would look alike."""
    numbers = np.concatenate([np.asarray(part, float) for part in values.values()])
    return len(numbers) > 1 and bool(numbers.min() > 0.7 * numbers.max() > 0)


def stored(version: Hashable, make: Callable[[], go.Figure], height: int) -> Stored:
    """A figure for `show` that is made once for each version, by whichever viewer comes first."""

    return chart.stored(version, lambda: _finished(make()), height)


def _finished(figure: go.Figure) -> go.Figure:
    spread_ends(figure)
    return figure


class Chart(NamedTuple):
    """A figure that is kept on the server, and how it stands on the page: see `show`."""

    figure: Stored
    key: str
    alt: str
    style: Mapping[str, Any]

    def show(self) -> None:
        """Put it on the page."""
        show(self.figure, self.key, self.alt, **self.style)

    def frame(self) -> tuple[object, ...]:
        """All but the points: where this changes, the page has to run again."""
        return self.key, self.alt, dict(self.style), self.figure.height, self.figure.waiting


def described(figure: go.Figure | Stored, key: str, alt: str, **style: Any) -> Chart:
    """A figure for a page whose charts are patched between two of its runs: the page shows it, a watch its address."""
    return Chart(chart.kept(_finished(figure)) if isinstance(figure, go.Figure) else figure, key, alt, style)


def show(
    figure: go.Figure | Stored,
    key: str,
    alt: str,
    *,
    select: bool = False,
    click: bool = False,
    places: bool = False,
    images: str | None = None,
    captions: Mapping[int, str] | None = None,
    title: str = "",
    data: str = "",
    model: str = "",
    tools: bool = True,
    film: Film | None = None,
    cursor: Cursor | None = None,
    live: str = "",
    marks: Marks | None = None,
    cleared: int = 0,
    linked: str = "",
) -> list[int]:
    """Put a figure on the page under a key of its own, described by `alt` for those who cannot see it.

    With `select`, the tools have a box and a lasso, and the ids inside are returned. `images` is the address of the
    image of a point, with `{id}` in the place of its id: it stands beside the point under the mouse, or the one that
    the arrow keys have reached. With `click`, a click or Enter chooses a point: see `clicked`; with `places`, a click
    beside all points names a place: see `placed`. `title` (say what is better), `data` and `model` stand on the picture
    that is downloaded, and in its name. `live`, `marks`, `cleared` and `linked`: see `chart.mount`;
    `cursor`: a line at the step of a slider.
    """
    if isinstance(figure, go.Figure):
        spread_ends(figure)
    about = {"data": data, "model": model}
    more = {"title": title, "about": about, "select": select, "click": click, "places": places, "images": images}
    more |= {"captions": captions, "tools": tools, "film": film, "live": live, "marks": marks, "cleared": cleared}
    more |= {"linked": linked, "cursor": cursor}
    picked = chart.mount(figure, key, alt, **more)
    return [int(id) for id in picked.get("selected") or ()] if select else []


def clicked(key: str) -> int | None:
    """The id of the point that was clicked in the chart of this key since this was last asked; or None."""
    click = _news(key, "clicked")
    return None if click is None else int(click["id"])


def placed(key: str) -> tuple[float, float] | None:
    """The place beside all points that was clicked in the chart of this key since this was last asked; or None."""
    place = _news(key, "place")
    return None if place is None else (float(place["x"]), float(place["y"]))


def _news(key: str, event: str) -> Mapping[str, Any] | None:
    """What happened in the chart of this key since this was last asked."""
    found, asked = chart.state(key).get(event), st.session_state.setdefault("_clicks", {})
    if found is None or asked.get((key, event)) == found["at"]:
        return None
    asked[key, event] = found["at"]
    return found
