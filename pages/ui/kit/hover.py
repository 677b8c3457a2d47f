"""Hover a point of a plotly chart, see its image; click it, get its id: in 2-D and 3-D, for any number of charts.

    charts.show(figure, key="map", alt=…)                      # its traces carry your own ids as customdata
    clicked = hover.images("map", pictures.thumbs(dataset, "validation"))

A component without a body finds the chart by its key and listens to plotly's own events. Streamlit's `on_select`
does not fire in 3-D; this does. Inline scripts of a component must hold a line break, else they pass for a path.
"""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

_component = st.components.v2.component("unfold_hover", js=(Path(__file__).parent / "hover.js").read_text("utf-8"))


def images(chart: str, url: str, captions: Mapping[int, str] | None = None, px: int = 96) -> int | None:
    """Show `url` with the id in the place of `{id}` while a point of the chart with this key is hovered.

    Returns the id that was clicked last, or None. `captions` may say more than the id and the name of the trace; it
    travels to the browser, so give it for a few thousand points at most. A chart whose ids change their meaning
    (other data) needs another key, else the last click lives on.
    """
    words = {str(key): value for key, value in (captions or {}).items()}
    data = {"key": chart, "url": url, "captions": words, "px": px}
    picked = _component(key=f"hover-{chart}", data=data, height=1, on_clicked_change=_nothing)
    return None if picked.clicked is None else int(picked.clicked)


def _nothing() -> None:
    """A component keeps only state that has a callback."""
