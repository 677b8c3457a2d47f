"""The legend of several maps: the symbol, the colour and the name of each class, in as many rows as it needs."""

import math
from collections.abc import Sequence
from math import cos, pi, sin, sqrt

import numpy as np
import streamlit as st

from pages.ui.kit import palette, point_map
from pages.ui.kit.plain_text import markup
from pages.ui.kit.point_map import Colouring

Points = list[tuple[float, float]]


def _ring(n: int, outer: float, inner: float = 0.0, turn: float = 0.0) -> Points:
    """The corners of a regular polygon, or of a star with notches at `inner`; the first points upwards."""
    radii = [outer, inner] if inner else [outer]
    angles = [2 * pi * i / (n * len(radii)) + turn for i in range(n * len(radii))]
    return [(radii[i % len(radii)] * sin(a), -radii[i % len(radii)] * cos(a)) for i, a in enumerate(angles)]


def _cross(turn: float) -> Points:
    """Two bars, 0.4 to each side of the middle, as long as Plotly's."""
    arm = [(-0.4, -0.4), (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4)]
    corners = [*arm, *((-x, -y) for x, y in arm)]
    return [(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)) for x, y in corners]


OUTLINES: dict[str, Points] = {  # of Plotly's symbols, around a radius of 1; y grows downwards
    "circle": _ring(24, 1),
    "square": _ring(4, sqrt(2), turn=pi / 4),
    "diamond": _ring(4, 1.3),
    "cross": _cross(0),
    "x": _cross(pi / 4),
    "triangle-up": _ring(3, 1.2),
    "star": _ring(5, 1.4, 0.535),
    "pentagon": _ring(5, 1.25),
    "hexagram": _ring(6, 1.35, 0.78),
    "triangle-down": _ring(3, 1.2, turn=pi),
    "triangle-right": _ring(3, 1.2, turn=pi / 2),
}


LARGE = 1e6  # from here on, and below its inverse, numbers are spelled with a power of 10
ROUNDS = 2  # times that the colours are used, with another symbol each time


def show(classes: Sequence[str], colours: Sequence[int] = (), offered: Sequence[str] = palette.SYMBOLS) -> None:
    """Put it on the page; as Markdown, since `st.html` takes SVG away."""
    looks = zip(classes, palette.symbols(classes, offered), colours or range(len(classes)), strict=True)
    items = (_item(name, symbol, i) for name, symbol, i in looks)
    st.markdown(f'<p class="unfold-legend">{"".join(items)}</p>', unsafe_allow_html=True)


def of(colouring: Colouring, dimensions: int = 2) -> None:
    """What the colours of a map mean; where there are too many categories to tell apart, that is said instead."""
    n, offered = len(colouring.names), palette.offered(dimensions, len(colouring.values))
    if colouring.scaled:
        _scale(colouring)
    elif n > len(palette.COLOURS) * min(ROUNDS, len(offered)):
        colours = f"{len(palette.COLOURS)} colours"
        st.caption(
            f"No legend: {n} categories share {colours}. A point names its own under the mouse; search finds one."
        )
    elif n > 1:
        show(colouring.names, colouring.palette(), offered)


def layers(named: Sequence[tuple[str, str]]) -> None:
    """What the new points on the maps are: their name and their symbol, or `line` for a path."""
    drawn = {"line": '<path d="M-1.5 0H1.5"/><circle r="0.7"/>', "ringed": '<circle r="1" style="fill:none"/>'}
    items = []
    for name, symbol in named:
        outline = " ".join(f"{x:.2f},{y:.2f}" for x, y in OUTLINES.get(symbol, OUTLINES["circle"]))
        shape = drawn.get(symbol) or f'<polygon points="{outline}"/>'
        mark = f'<svg viewBox="-1.5 -1.5 3 3" aria-hidden="true">{shape}</svg>'
        items.append(f'<span class="new">{mark}{_letters(name)}</span>')
    st.markdown(f'<p class="unfold-legend">{"".join(items)}</p>', unsafe_allow_html=True)


def _scale(colouring: Colouring) -> None:
    """The colours of a number, from its smallest to its largest value."""
    low, high = _spelled(*colouring.ends())
    shades = "var(--unfold-1),var(--unfold-2)"
    ramp = ",".join(paint for _, paint in point_map.CIRCLE) if colouring.cyclic else shades
    title = markup(colouring.title)
    about = f"from {low} to {high}" + (" and around to the first again" if colouring.cyclic else "")
    st.html(
        f'<p class="unfold-legend"><span>{title}</span><span>{low}<i class="ramp" role="img" '
        f'aria-label="{title}, {about}" style="background:linear-gradient(90deg,{ramp})"></i>{high}</span>'
        f"{_rest(colouring)}</p>"
    )


def _spelled(low: float, high: float) -> list[str]:
    """Both ends of a scale with as many decimals as tell them apart; far from 1 with three digits and a power of 10."""
    span, largest = high - low, max(abs(low), abs(high))
    if largest >= LARGE or 0 < span < 1 / LARGE:  # also a span that no number can hold
        return [f"{end:.3g}" for end in (low, high)]
    decimals = max(0, 2 - math.floor(math.log10(span or 1)))
    return [f"{end:,.{decimals}f}" for end in (low, high)]


def _rest(colouring: Colouring) -> str:
    """How many points have the number, where not all do: the others are grey."""
    n = int(np.isfinite(colouring.values).sum())
    return "" if n == len(colouring.values) else f"<span>measured on {n:,} of {len(colouring.values):,} points</span>"


def _item(name: str, symbol: str, i: int) -> str:
    outline = OUTLINES[symbol.removesuffix("-open")]
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in outline)
    style = f"--colour:var(--unfold-{i % len(palette.COLOURS) + 1})"
    hollow = ' class="open"' if symbol.endswith("-open") else ""
    mark = f'<svg{hollow} viewBox="-1.5 -1.5 3 3" aria-hidden="true"><polygon points="{points}"/></svg>'
    return f'<span style="{style}">{mark}{_letters(name)}</span>'


def _letters(name: str) -> str:
    """A name inside HTML that stands in Markdown, where Streamlit takes `:material/` for the beginning of an icon."""
    return markup(name).replace(":", "&#58;")
