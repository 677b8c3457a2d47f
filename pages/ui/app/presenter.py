"""Presenter mode, for a class in front of a screen: full width, type 1.5 times as large, no rail.

A button in the header or the key `p` enters and leaves it, Escape leaves it. `?present=1` in the address opens it, and
the browser's tab remembers it, so that a reload and the way to another page keep it. style.css says what it looks like.
"""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component("unfold_presenter", js=Path(__file__).with_suffix(".js").read_text("utf-8"))


def show() -> None:
    """Put the button into the header; the frame calls this before every page."""
    _component(key="presenter", height=1)
