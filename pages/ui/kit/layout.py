"""How a page is laid out: context, question, answer; the picture in two thirds, beside it the rail with the controls.

On a phone they stand below one another: question, answer, the primary action, the picture, the rest of the rail.
"""

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.kit import messages

PICTURE, RAIL = 0.7, 0.3  # shares of the width


class Body(NamedTuple):
    """The places below the question, in the order in which they are read."""

    lead: DeltaGenerator  # one sentence: the answer to the question
    picture: DeltaGenerator
    action: DeltaGenerator  # the one thing to do, on top of the rail
    rail: DeltaGenerator  # what can be chosen


class Page(NamedTuple):
    """The places of a page that is about some data or a model."""

    context: DeltaGenerator
    lead: DeltaGenerator
    picture: DeltaGenerator
    action: DeltaGenerator
    rail: DeltaGenerator


def page(question: str) -> Page:
    """The skeleton of a page under its one question, with a line above that says what it is about."""
    line = context()
    return Page(line, *body(question))


def context() -> DeltaGenerator:
    """The line under the navigation: the data and the model, which all pages share."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="context")


def body(question: str) -> Body:
    """The question and the places below it."""
    messages.question(question)
    lead = st.container(key="lead")
    with st.container(key="page"):
        left, right = st.columns([PICTURE, RAIL], gap="large")
        picture = left.container(key="picture")
        with right, st.container(key="rail"):
            action, rail = st.container(key="action"), st.container(key="options")
            st.session_state["_reset"] = st.container()  # filled in when the data and the model are known
    return Body(lead, picture, action, rail)
