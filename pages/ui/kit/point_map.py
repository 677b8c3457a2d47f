"""A map of points: coordinates in 16 bits, what its points are coloured by, images in the place of points."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from pages.ui.kit.palette import MANY, TEXT, colour, finish, offered, symbols
from pages.ui.kit.palette import words as spelled

FINE = 2**16 - 1  # steps of a quantised coordinate
UNKNOWN, GREY = "not measured", 7  # a point without its number; its colour in the palette
SHADES = 255  # of a colour scale
SCALE = ((0.0, colour(0)), (1.0, colour(1)))  # of a number: both ends stand on light and on dark
CIRCLE = tuple((i / 6, f"hsl({60 * i},75%,50%)") for i in range(7))  # of an angle or a hue: its ends meet


class Colouring(NamedTuple):
    """What the points are coloured by: categories with a name each, or a number on a scale."""

    title: str
    values: np.ndarray  # [N] categories, as positions in `names`; or numbers
    names: tuple[str, ...] = ()  # of the categories; none: a number
    colours: tuple[int, ...] = ()  # of the categories, in the palette; none: one after another
    cyclic: bool = False  # the ends of the scale are neighbours
    span: tuple[float, float] | None = None  # the ends of the scale; None: those of the values

    @property
    def scaled(self) -> bool:
        """Whether it is a number on a scale."""
        return not self.names

    def palette(self) -> tuple[int, ...]:
        """A colour of the palette for each category."""
        return self.colours or tuple(range(len(self.names)))

    def ends(self) -> tuple[float, float]:
        """The numbers at both ends of the scale."""
        if self.span:
            return self.span
        values = self.values[np.isfinite(self.values)]
        return (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)


class Words(NamedTuple):
    """What is said of a point under the mouse, where it is not what it is coloured by: its class."""

    y: np.ndarray  # [N]
    names: tuple[str, ...]


def quantised(coords: np.ndarray) -> np.ndarray:
    """Coordinates `[N, 2 or 3]` as whole numbers of 16 bits, all axes on one scale: half the bytes on the wire.

    The larger axis has 65,535 steps, far finer than a screen; only distances mean something on a map.
    """
    return on_scale(coords, coords).round().astype(np.uint16)


def on_scale(coords: np.ndarray, new: np.ndarray) -> np.ndarray:
    """New coordinates `[M, d]` on the scale that `quantised` brings coords `[N, d]` to; they may lie outside of it."""
    coords = np.asarray(coords, np.float64)
    low, span = coords.min(0), np.ptp(coords, 0).max()
    return (np.asarray(new, np.float64) - low) * (FINE / span if span else 0)


def off_scale(coords: np.ndarray, placed: np.ndarray) -> np.ndarray:
    """Back from that scale: places `[..., d]` of the figure in the coordinates of the map."""
    coords = np.asarray(coords, np.float64)
    return coords.min(0) + np.asarray(placed, np.float64) * np.ptp(coords, 0).max() / FINE


def figure(
    coords: np.ndarray,
    colouring: Colouring,
    ids: np.ndarray,
    *,
    words: Words | None = None,
    size: float = 6,
    height: int = 520,
    opacity: float = 0.85,
) -> go.Figure:
    """A map of coords `[N, 2]` or `[N, 3]`, with `ids` `[N]` of your own. Hover, click and lasso go through `show`."""
    made, dimensions = go.Figure(), coords.shape[1]
    for name, here, marker in _groups(colouring, dimensions, size):
        trace = _points(coords[here], ids[here], name, {**marker, "opacity": opacity}, len(coords))
        if words:
            trace.meta = {"of": np.asarray(words.y[here], np.uint8 if len(words.names) < 256 else np.uint16)}
        made.add_trace(trace)
    if words:
        made.update_layout(meta={"names": [spelled(name) for name in words.names]})
    bare(made, dimensions)
    return finish(made, height, legend=len(colouring.names) > 1)


def _groups(colouring: Colouring, dimensions: int, size: float) -> list[tuple[str, np.ndarray, dict[str, Any]]]:
    """The points that are one trace: name, positions, marker."""
    same = {"size": size if dimensions == 2 else size * 0.6, "line": {"width": 0}}
    there = offered(dimensions, len(colouring.values))
    if colouring.scaled:
        known = np.isfinite(colouring.values)
        scale = CIRCLE if colouring.cyclic else SCALE
        paint = {"color": shades(colouring)[known], "cmin": 0, "cmax": SHADES, "colorscale": [*map(list, scale)]}
        same["symbol"] = there[0]
        measured = (colouring.title, np.flatnonzero(known), {**same, **paint})
        others = (UNKNOWN, np.flatnonzero(~known), {**same, "color": colour(GREY)})
        return [others, measured] if (~known).any() else [measured]  # what is known lies above
    forms = symbols(colouring.names, there)
    looks = zip(colouring.names, forms, colouring.palette(), strict=True)
    return [
        (name, np.flatnonzero(colouring.values == i), {**same, "color": colour(paint), "symbol": form})
        for i, (name, form, paint) in enumerate(looks)
    ]


def shades(colouring: Colouring) -> np.ndarray:
    """The numbers in 256 steps from one end of the scale to the other, a byte each."""
    low, high = colouring.ends()
    values = np.where(np.isfinite(colouring.values), colouring.values, low)
    share = (values / 2 - low / 2) / ((high / 2 - low / 2) or 1)  # halves: the largest numbers have a difference, too
    return (share * SHADES).round().clip(0, SHADES).astype(np.uint8)


def _points(at: np.ndarray, ids: np.ndarray, name: str, marker: dict[str, Any], total: int) -> go.Scatter:
    make = go.Scatter3d if at.shape[1] == 3 else go.Scattergl if total > MANY else go.Scatter
    axes = dict(zip("xyz", at.T, strict=False))
    if len(ids) and ids.min() >= 0 and ids.max() < 2**16:
        ids = ids.astype(np.uint16)  # half the bytes on the wire
    faded = {} if at.shape[1] == 3 else {"unselected": {"marker": {"opacity": 0.3}}}
    return make(**axes, customdata=ids, name=spelled(name), mode="markers", marker=marker, hoverinfo="none", **faded)


def rings(coords: np.ndarray, ids: np.ndarray, size: float, total: int) -> go.Scatter:
    """Rings around points of a map that never change; those of a page that runs again are `chart.Marks`."""
    marker = {"symbol": "circle-open", "size": size + 10, "color": TEXT, "line": {"width": 2.5}}
    return _points(coords, ids, "marked", marker, total)


def bare(made: go.Figure, dimensions: int) -> None:
    """A map's axes mean nothing: only the distances do, so both have one scale and no numbers."""
    off = ("showticklabels", "showgrid", "zeroline", "showline")
    blank: Mapping[str, Any] = {**dict.fromkeys(off, False), "title": None, "ticks": ""}
    if dimensions == 3:
        box = {**blank, "title": {"text": ""}, "showbackground": False, "showspikes": False}
        camera = {"eye": {"x": 1.0, "y": 1.0, "z": 0.8}}
        made.update_layout(scene={"xaxis": box, "yaxis": box, "zaxis": box, "aspectmode": "data", "camera": camera})
    else:
        made.update_xaxes(**blank)
        made.update_yaxes(**blank, scaleanchor="x")


def with_images(made: go.Figure, coords: np.ndarray, address: str, width: int, height: int, tile: int) -> go.Figure:
    """A picture of all images in the place of the points, which stay under the mouse.

    The picture is `width` by `height` pixels: an image of `tile` pixels stands at each of coords `[N, 2]`, whose
    smallest and largest lie half a tile inside its edges.
    """
    low, span = coords.min(0).astype(float), np.ptp(coords, 0).astype(float)
    unit = span / np.maximum([width - tile, height - tile], 1)  # of a coordinate in one pixel
    unit = np.where(unit > 0, unit, max(float(unit.max()), 1.0))
    left, top = low[0] - unit[0] * tile / 2, low[1] - unit[1] * tile / 2 + unit[1] * height
    made.add_layout_image(
        source=address, xref="x", yref="y", x=left, y=top, sizex=unit[0] * width, sizey=unit[1] * height,
        sizing="stretch", layer="below",
    )  # fmt: skip
    unseen = {"opacity": 0.002}  # nothing at all would not be found by the mouse
    made.update_traces(marker=unseen, unselected={"marker": unseen}, selected={"marker": unseen})
    return made
