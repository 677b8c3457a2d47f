"""Plotly figures in the theme's colours: maps, curves, bars. Every figure takes part in light and dark by itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui.kit import messages

# Streamlit's place-holders for the theme's categorical colours: the browser puts in those of its light or dark theme.
COLOURS = tuple(f"#0000{i:02d}" for i in range(1, 11))
TEXT, FAINT = "#000036", "#000039"
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star", "pentagon", "hexagram", "triangle-down")
SYMBOLS_3D = (
    "circle",
    "square",
    "diamond",
    "cross",
    "circle-open",
    "square-open",
    "diamond-open",
)  # "x" needs an emoji
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MANY = 3000  # points: from here on WebGL draws them
CONFIG = {
    "displaylogo": False,
    "scrollZoom": False,  # the wheel scrolls the page, which is full of figures
    "modeBarButtonsToRemove": ["autoScale2d", "resetCameraLastSave3d", "tableRotation"],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "unfold"},
}


def colour(i: int) -> str:
    """The theme's colour of category `i`."""
    return COLOURS[i % len(COLOURS)]


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

    Points whose id is in `ring` wear a ring. Hover and click go through `hover`, the lasso through `show`.
    """
    coords, ids = np.asarray(coords, np.float32), np.arange(len(coords)) if ids is None else np.asarray(ids)
    figure = go.Figure()
    for i, name in enumerate(classes):
        here = np.flatnonzero(y == i)
        figure.add_trace(_points(coords[here], ids[here], name, _marker(i, coords.shape[1], size), len(coords)))
    ringed = np.flatnonzero(np.isin(ids, list(ring)))
    if len(ringed):
        marker = {"symbol": "circle-open", "size": size + 10, "color": TEXT, "line": {"width": 2.5}}
        figure.add_trace(_points(coords[ringed], ids[ringed], "marked", marker, len(coords)))
    _bare(figure, coords.shape[1])
    return _finish(figure, height, legend=len(classes) > 1)


def legend(classes: Sequence[str]) -> go.Figure:
    """The colours and symbols of `scatter` alone, for several maps of the same classes."""
    figure = go.Figure()
    for i, name in enumerate(classes):
        figure.add_trace(_points(np.full((1, 2), np.nan), np.zeros(1, int), name, _marker(i, 2, 6), 1))
    figure.update_xaxes(visible=False, fixedrange=True).update_yaxes(visible=False, fixedrange=True)
    _finish(figure, 26 if len(classes) <= 12 else 60, legend=True)
    return figure.update_layout(
        margin={"l": 0, "r": 0, "t": 24 if len(classes) <= 12 else 58, "b": 0}, dragmode=False
    ).update_layout(
        legend={"itemclick": False, "itemdoubleclick": False},  # it belongs to several figures
        modebar={"remove": ["toimage"]},
    )


def _marker(i: int, dimensions: int, size: float) -> dict[str, Any]:
    symbols = SYMBOLS if dimensions == 2 else SYMBOLS_3D
    size = size if dimensions == 2 else size * 0.6
    return {
        "color": colour(i),
        "symbol": symbols[i % len(symbols)],
        "size": size,
        "opacity": 0.85,
        "line": {"width": 0},
    }


def _points(at: np.ndarray, ids: np.ndarray, name: str, marker: dict[str, Any], total: int) -> go.Scatter:
    make = go.Scatter3d if at.shape[1] == 3 else go.Scattergl if total > MANY else go.Scatter
    axes = dict(zip("xyz", at.T, strict=False))
    if len(ids) and ids.min() >= 0 and ids.max() < 2**16:
        ids = ids.astype(np.uint16)  # half the bytes on the wire
    faded = {} if at.shape[1] == 3 else {"unselected": {"marker": {"opacity": 0.3}}}
    return make(**axes, customdata=ids, name=name, mode="markers", marker=marker, hoverinfo="none", **faded)


def _bare(figure: go.Figure, dimensions: int) -> None:
    """A map's axes mean nothing: only the distances do, so both have one scale and no numbers."""
    blank = {
        "showticklabels": False,
        "showgrid": False,
        "zeroline": False,
        "title": None,
        "ticks": "",
        "showline": False,
    }
    if dimensions == 3:
        box = {**blank, "showbackground": False, "showspikes": False}
        figure.update_layout(scene={"xaxis": box, "yaxis": box, "zaxis": box, "aspectmode": "data"})
    else:
        figure.update_xaxes(**blank)
        figure.update_yaxes(**blank, scaleanchor="x")


def curves(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x_title: str,
    y_title: str,
    *,
    chance: float | None = None,
    chance_label: str = "learned nothing",
    pairs: bool = False,
    height: int = 320,
) -> go.Figure:
    """Lines by name: `{"train": (steps, losses), …}`; `chance` draws the level of a network that has learned nothing.

    Colour and dash tell lines apart; with `pairs`, two neighbours share a colour (train solid, validation dashed).
    """
    figure = go.Figure()
    for i, (name, (x, y)) in enumerate(series.items()):
        line = {
            "color": colour(i // 2 if pairs else i),
            "dash": DASHES[i % 2 if pairs else i % len(DASHES)],
            "width": 2,
        }
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        mode = "lines" if len(x) > 12 else "lines+markers"
        figure.add_trace(go.Scatter(x=x, y=y, name=name, mode=mode, line=line, hovertemplate="%{y:.4g}"))
    if chance is not None:
        level(figure, chance, chance_label)
    figure.update_layout(hovermode="x unified", xaxis_title=x_title, yaxis_title=y_title)
    return _finish(figure, height, legend=len(series) > 1)


def level(figure: go.Figure, y: float, words: str, above: bool = True) -> None:
    """A level across curves, with its name and number above or below it at the right."""
    figure.add_hline(y=y, line={"color": FAINT, "dash": "dot", "width": 2})
    place = {"x": 1, "xref": "paper", "xanchor": "right", "yanchor": "bottom" if above else "top", "showarrow": False}
    figure.add_annotation(text=f"{words}: {messages.number(y)}", y=y, **place)


def bars(
    values: Mapping[str, Sequence[float]],
    categories: Sequence[str],
    title: str = "",
    *,
    sideways: bool = False,
    height: int = 260,
) -> go.Figure:
    """Bars for each category, a group of them where `values` has several names; one name alone colours by category."""
    figure = go.Figure()
    for i, (name, numbers) in enumerate(values.items()):
        paint = [colour(j) for j in range(len(categories))] if len(values) == 1 else colour(i)
        ends = {"x": numbers, "y": categories, "orientation": "h"} if sideways else {"x": categories, "y": numbers}
        hover = "%{y}: %{x:,.4g}" if sideways else "%{x}: %{y:,.4g}"
        figure.add_trace(go.Bar(**ends, name=name, marker={"color": paint}, hovertemplate=hover + "<extra></extra>"))
    figure.update_layout({"yaxis" if sideways else "xaxis": {"type": "category"}})  # classes may be called 0 … 9
    figure.update_layout(barmode="group", bargap=0.25, **{f"{'x' if sideways else 'y'}axis_title": title})
    if sideways:
        figure.update_yaxes(autorange="reversed")
    return _finish(figure, height, legend=len(values) > 1)


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
    return _finish(figure, height, legend=False)


def _finish(figure: go.Figure, height: int, legend: bool) -> go.Figure:
    above = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemsizing": "constant", "title": None}
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, dragmode="pan", showlegend=legend, legend=above
    )
    figure.update_layout(uirevision="keep", scene_dragmode="orbit")  # zoom and camera outlive an update
    return figure


def show(figure: go.Figure, key: str, alt: str, *, select: bool = False) -> list[int]:
    """Put a figure on the page under a key of its own, described by `alt` for those who cannot see it.

    With `select`, the tool bar has a box and a lasso, and the ids inside are returned; clicks are `hover`'s.
    """
    modes = ("points", "box", "lasso")  # without "points", Streamlit switches all clicks off
    more = {"on_select": "rerun", "selection_mode": modes} if select else {}
    event = st.plotly_chart(figure, key=key, theme="streamlit", config=CONFIG, alt=alt, **more)
    if not select or not (event.selection.box or event.selection.lasso):
        return []
    values = (point.get("customdata") for point in event.selection.points)
    ids = (int(value[0] if isinstance(value, list | tuple) else value) for value in values if value is not None)
    return list(dict.fromkeys(ids))  # a point that wears a ring is there twice
