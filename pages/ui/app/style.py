"""The look of every page: style.css, and the theme's colours of .streamlit/config.toml as CSS variables for it."""

from pathlib import Path

import streamlit as st

SHEET = Path(__file__).with_suffix(".css")
COLOURS = {  # CSS variable: option of the theme
    "primary": "primaryColor",
    "back": "backgroundColor",
    "panel": "secondaryBackgroundColor",
    "text": "textColor",
    "line": "borderColor",
    "link": "linkColor",
}


def show() -> None:
    """Give the page its style; the browser chooses between light and dark by itself."""
    st.html(f"<style>{variables()}\n{SHEET.read_text('utf-8')}</style>")


def variables() -> str:
    """The theme's colours: `--unfold-text` and its like, and `--unfold-1` … of the categories."""
    pairs = {name: [st.get_option(f"theme.{kind}.{key}") for kind in ("light", "dark")] for name, key in COLOURS.items()}
    categories = (st.get_option(f"theme.{kind}.chartCategoricalColors") for kind in ("light", "dark"))
    pairs |= {str(i): pair for i, pair in enumerate(zip(*categories, strict=True), start=1)}
    lines = (f"--unfold-{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items())
    return f":root {{ {' '.join(lines)} }}"
