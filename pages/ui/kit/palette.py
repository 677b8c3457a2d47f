"""What all figures share: colours with a meaning, symbols, margins. The browser puts in the colours of its theme."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import plotly.graph_objects as go

# Place-holders for the theme's colours: `chart_theme.js` puts in those of the light or the dark theme.
COLOURS = tuple(f"#0000{i:02d}" for i in range(1, 11))  # its categorical colours
TEXT, FAINT, PRIMARY, GRID, BACKGROUND, LINE = "#000036", "#000039", "#000040", "#000041", "#000042", "#000043"
GREY, VERMILION, BLUISH_GREEN = COLOURS[7], COLOURS[5], COLOURS[2]
# What a colour means: the line of each role, the same in every chart.
ROLES: Mapping[str, Mapping[str, Any]] = {
    "model": {"color": PRIMARY, "dash": "solid"},
    "untrained": {"color": GREY, "dash": "solid"},
    "pixels": {"color": GREY, "dash": "dash"},
    "PCA": {"color": GREY, "dash": "dot"},
    "ablation": {"color": VERMILION, "dash": "solid"},
    "control run": {"color": BLUISH_GREEN, "dash": "solid"},
    "chance": {"color": FAINT, "dash": "dot"},
    "most frequent class": {"color": FAINT, "dash": "dashdot"},
}
SYMBOLS = (
    "circle", "square", "diamond", "cross", "x", "triangle-up", "star", "pentagon", "hexagram", "triangle-down",
    "triangle-right",
)  # fmt: skip
LIKE = {"ellipse": "circle", "triangle": "triangle-up", "arrow": "triangle-right", "heart": "triangle-down"}
SYMBOLS_3D = (
    "circle",
    "square",
    "diamond",
    "cross",
    "circle-open",
    "square-open",
    "diamond-open",
)  # "x" needs an emoji
# In space a symbol is a letter cut into triangles, of which a square has 6, a circle 19 and a ring 42, and all of them
# are sent to the graphics processor twice: as a surface and as an outline. Where points lie one upon another they are
# all alike: 60,000 of them are drawn in half the core-seconds.
SYMBOLS_OF_A_CROWD = ("square",)
MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})  # that Plotly reads in words
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MANY = 3000  # points: from here on WebGL draws them
CROWD = 20_000  # points in space: from here on no symbol tells their classes apart
LABEL = 15  # pixels: the height of a name
NAMED = 4  # lines that carry their name at their end; from the next on there is a legend


def colour(i: int) -> str:
    """The theme's colour of category `i`."""
    return COLOURS[i % len(COLOURS)]


def offered(dimensions: int, points: int) -> tuple[str, ...]:
    """The symbols of a map of so many dimensions and points."""
    if dimensions == 2:
        return SYMBOLS
    return SYMBOLS_3D if points < CROWD else SYMBOLS_OF_A_CROWD


def symbols(classes: Sequence[str], offered: Sequence[str] = SYMBOLS) -> list[str]:
    """A symbol for each class: the one that it is named like, else the next that is free; used up, they repeat."""
    named: dict[str, str] = {}
    for name in classes:
        symbol = LIKE.get(name.lower(), name.lower())
        if symbol in offered and symbol not in named.values():
            named[name] = symbol
    others = cycle([symbol for symbol in offered if symbol not in named.values()] or offered)
    return [named.get(name) or next(others) for name in classes]


def finish(figure: go.Figure, height: int, legend: bool) -> go.Figure:
    """Height, margins and legend of a figure; zoom and selection outlive an update of it."""
    above = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemsizing": "constant", "title": None}
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8}, dragmode="pan", showlegend=legend, legend=above
    )
    figure.update_layout(uirevision="keep", scene_dragmode="orbit")  # zoom and camera outlive an update
    return figure


def words(text: str) -> str:
    """A name as Plotly shows it letter by letter: in ticks, annotations and the words under the mouse.

    It reads tags and entities in all of them, and in a template `%{…}` besides.
    """
    return text.translate(MARKUP).replace("%{", "&#37;{")
