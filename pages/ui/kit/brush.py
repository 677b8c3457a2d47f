"""An image to paint on: which of its pixels were touched, by mouse, finger or keyboard."""

from pathlib import Path

import numpy as np
import streamlit as st

_css, _js = (Path(__file__).with_suffix(kind).read_text("utf-8") for kind in (".css", ".js"))
_component = st.components.v2.component("unfold_brush", css=_css, js=_js, isolate_styles=False)
SIDE = 64  # cells on a side at most: a stroke is as fine as its image, or as this


def brush(key: str, label: str, address: str, shape: tuple[int, int], size: int, version: str) -> np.ndarray:
    """Show the image at `address` under a canvas; returns the painted cells `bool [H, W]`, at most 64 on a side.

    `size` is the width of the brush in hundredths of the image; another `version` begins with nothing painted.
    """
    rows, columns = (min(side, SIDE) for side in shape)
    state = st.session_state.get(key) or {}
    found = state.get("painted") or {}
    data = {"label": label, "image": address, "rows": rows, "columns": columns, "size": size, "version": version}
    _component(key=key, data=data, on_painted_change=_nothing)
    mask = np.zeros(rows * columns, bool)
    if found.get("version") == version:
        cells = np.asarray(found.get("cells") or [], int)
        mask[cells[(cells >= 0) & (cells < len(mask))]] = True
    return mask.reshape(rows, columns)


def _nothing() -> None:
    """A component keeps only state that has a callback."""
