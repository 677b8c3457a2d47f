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


def element() -> str:
    """The style of every page, which its document carries; the browser chooses between light and dark by itself."""
    return f"<style>{variables()}\n{SHEET.read_text('utf-8')}</style>"


def both(option: str) -> tuple:
    """An option of the light and of the dark theme."""
    return st.get_option(f"theme.light.{option}"), st.get_option(f"theme.dark.{option}")


def variables() -> str:
    """The theme's colours: `--unfold-text` and its like, and `--unfold-1` … of the categories."""
    pairs = {name: both(option) for name, option in COLOURS.items()}
    categories = zip(*both("chartCategoricalColors"), strict=True)
    pairs |= {str(i): pair for i, pair in enumerate(categories, start=1)}
    lines = (f"--unfold-{name}: light-dark({light}, {dark});" for name, (light, dark) in pairs.items())
    return f":root {{ {' '.join(lines)} }}"
