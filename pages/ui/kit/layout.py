"""How every page is laid out: context, question, answer; the picture in two thirds, the rail with the controls beside it.

On a phone they stand below one another: question, answer, the primary action, the picture, the rest of the rail.
"""

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.kit import messages

PICTURE, RAIL = 0.7, 0.3  # shares of the width


class Page(NamedTuple):
    """The places of a page, in the order in which they are read."""

    context: DeltaGenerator  # the data and the model that all pages share
    lead: DeltaGenerator  # one sentence: the answer to the page's question
    picture: DeltaGenerator
    action: DeltaGenerator  # the one thing to do, on top of the rail
    rail: DeltaGenerator  # what can be chosen


def context() -> DeltaGenerator:
    """The line under the navigation: what the page is about."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="context")


def page(question: str) -> Page:
    """The skeleton of a page under its one question."""
    line = context()
    messages.question(question)
    lead = st.container(key="lead")
    with st.container(key="page"):
        left, right = st.columns([PICTURE, RAIL], gap="large")
        picture = left.container(key="picture")
        with right, st.container(key="rail"):
            action, rail = st.container(key="action"), st.container(key="options")
    return Page(line, lead, picture, action, rail)
