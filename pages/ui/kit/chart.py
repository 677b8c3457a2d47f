"""The chart of every page: Plotly in a component that is mounted once for each key and patched afterwards.

`st.plotly_chart` mounts a new plot whenever its figure changes, whatever its key: on a live page charts blink and all
below them jumps. This component keeps its plot and hands new figures to `Plotly.react`. Its message holds the address
of the figure alone (see `content`): a figure that stays the same is neither sent nor drawn again, and several viewers
of one figure share it. The scripts that draw are fetched by address, too: inline they would travel with every message.
"""

import base64
import json
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from plotly.utils import PlotlyJSONEncoder

from pages.ui.kit import content

HEAD = 32  # pixels: the line of the title and the tools
FOREIGN_TAG = re.compile(r"<(?!br>|/?extra>|/?b>)")
SMALL = 130  # pixels: a lower chart has no tools unless it has a title
LOADER = """
export default async function (component) {
  const { draw } = await import(new URL(component.data.module, location.origin).href);
  return draw(component);
}
"""
_component = st.components.v2.component(
    "unfold_chart", html="<figure class='unfold-chart'></figure>\n", js=LOADER, isolate_styles=False
)


class Stored(NamedTuple):
    """A figure that is kept on the server: its address and its height."""

    address: str
    height: int
    waiting: bool = False  # whether it only says what is to come


class Film(NamedTuple):
    """A chart through time: its steps, the one that is shown, and where its frames are fetched when a slider moves."""

    steps: list[int]
    at: int
    address: str  # JSON: for each step the `x` and `y` of each trace
    group: str  # of the slider (see `scrubber`) that moves it, with others
    asked: int  # the step of that slider, which this chart may not have
    of: int = 0  # steps that its training takes: runs of other lengths are shown at the same share; 0: at the same step


class Cursor(NamedTuple):
    """A line at the step that a slider shows, in a chart of curves by step."""

    group: str  # of the slider
    of: int = 0  # as of a film


class Layer(NamedTuple):
    """New points upon a map: they have a place and a picture, and no id, so nothing that is chosen or selected."""

    name: str
    coords: np.ndarray  # [M, 2 or 3], on the scale of the figure
    said: Sequence[str]  # of each, under the mouse
    images: Sequence[str] = ()  # the address of each one's picture
    symbols: Sequence[str] = ()  # of each; none: a circle
    categories: Sequence[int] = ()  # of each, as colours of the palette; none: the colour of the text
    size: float = 0  # pixels more than the points of the map
    line: bool = False  # whether they are points of a path

    def sent(self) -> dict[str, Any]:
        """As a browser takes it."""
        columns = zip("xyz", np.asarray(self.coords, float).round(1).T.tolist(), strict=False)
        lists = {"said": [*self.said], "images": [*self.images], "symbols": [*self.symbols]}
        more = {"name": self.name, "categories": [*map(int, self.categories)], "size": self.size, "line": self.line}
        return {**dict(columns), **lists, **more}


class Marks(NamedTuple):
    """What a page marks on a map, by the ids of its points; it travels apart from the figure, which stays as it is."""

    chosen: int | None = None  # wears a large ring
    near: Sequence[int] = ()  # thin rings: its nearest in the space
    only: Sequence[int] = ()  # thin squares: near on this map, and not in the space
    lit: Sequence[int] | None = None  # all others are grey; None: none is
    layers: Sequence[Layer] = ()  # new points, above all others

    def address(self) -> str:
        """Where a browser fetches them: many points are too much for a message."""
        ids = [None if part is None else [*map(int, part)] for part in (self.near, self.only, self.lit)]
        chosen = None if self.chosen is None else int(self.chosen)
        marks = {"chosen": chosen, "near": ids[0], "only": ids[1], "lit": ids[2]}
        layers = {"layers": [layer.sent() for layer in self.layers]} if self.layers else {}
        text = json.dumps(marks | layers, separators=(",", ":"))
        return content.put(text.encode(), "json")


def encode(figure: go.Figure) -> bytes:
    """A figure as JSON: typed arrays in binary, without Plotly's own template, which the browser's theme replaces.

    Plotly reads tags in every text. Those that these pages use stay; of any other the bracket is a letter.
    """
    spec = figure.to_plotly_json()
    spec["layout"].pop("template", None)
    text = json.dumps(spec, cls=PlotlyJSONEncoder, separators=(",", ":"))
    return FOREIGN_TAG.sub("&lt;", text).encode()


def arrays(value: Any) -> Any:
    """Lists and mappings of arrays as JSON takes them: `float32` in binary, as Plotly's own figures hold them."""
    if isinstance(value, np.ndarray):
        data = np.ascontiguousarray(value, "<f4").tobytes()
        return {"dtype": "f4", "bdata": base64.b64encode(data).decode()}
    if isinstance(value, Mapping):
        return {name: arrays(it) for name, it in value.items()}
    return [arrays(it) for it in value]


def stored(version: Hashable, make: Callable[[], go.Figure], height: int) -> Stored:
    """The figure that `make` returns, which is made once for each version, by whichever viewer comes first."""
    return Stored(content.once(("figure", version), lambda: encode(make()), "json"), height)


def kept(figure: go.Figure) -> Stored:
    """A figure as it is sent: kept on the server, under an address that names its content."""
    waiting = bool((figure.layout.meta or {}).get("waiting"))
    return Stored(content.put(encode(figure), "json"), int(figure.layout.height or 320), waiting)


def mount(
    figure: go.Figure | Stored,
    key: str,
    alt: str,
    *,
    title: str = "",
    about: Mapping[str, str] | None = None,
    select: bool = False,
    click: bool = False,
    places: bool = False,
    images: str | None = None,
    captions: Mapping[int, str] | None = None,
    px: int = 96,
    tools: bool = True,
    film: Film | None = None,
    cursor: Cursor | None = None,
    live: str = "",
    marks: Marks | None = None,
    cleared: int = 0,
    linked: str = "",
) -> Mapping[str, Any]:
    """Put a figure on the page; returns what the visitor did with it: `selected`, `clicked`, `place`.

    Under the name `live` a watch (see `watch`) finds a newer figure for this chart between two runs of the page. Where
    the number `cleared` changes, the chart drops its box or lasso. Charts that are `linked` by one name show the same
    images: the one under the mouse in one of them is ringed in all.
    """
    if isinstance(figure, go.Figure):
        figure = kept(figure)
    about = {name: value for name, value in (about or {}).items() if value}
    tools = tools and (bool(title) or figure.height >= SMALL)
    data = {
        "module": content.script("chart.js"), "figure": figure.address, "height": figure.height, "alt": alt,
        "title": title, "about": " · ".join(about.values()), "file": file_name(title or key, *about.values()),
        "tools": tools, "select": select, "click": click, "places": places, "images": images, "px": px,
        "waiting": figure.waiting,
        "captions": {str(id): text for id, text in (captions or {}).items()} or None,
        "film": film and film._asdict(),
        "cursor": cursor and cursor._asdict(),
        "live": live,
        "marks": marks and marks.address(),
        "cleared": cleared,
        "linked": linked,
    }  # fmt: skip
    height = figure.height + HEAD * tools
    heard = {f"on_{name}_change": _nothing for name in ("selected", "clicked", "place", "missing")}
    return _component(key=key, data=data, height=height, **heard)


def file_name(*words: str) -> str:
    """The name of a picture that is downloaded: what it shows, of which data and which model."""
    parts = (re.sub(r"[^\w.]+", "-", word.lower()).strip("-.") for word in words)
    return "-".join(["unfold", *filter(None, parts)])[:120] + ".png"


def state(key: str) -> Mapping[str, Any]:
    """What the visitor did with the chart of this key, as far as the page knows it before it is drawn."""
    return st.session_state.get(key) or {}


def _nothing() -> None:
    """A component keeps only state that has a callback; an event without one would not run the page again."""
