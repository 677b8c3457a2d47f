"""A page that shows the payloads through every sink; a test looks at it in a browser."""

import plotly.graph_objects as go
import streamlit as st

from pages.ui.kit import figures, glossary, legend, messages, plain_text
from tests.payloads import PAYLOADS

for i, text in enumerate(PAYLOADS):
    with st.container(key=f"markdown-{i}"):
        st.markdown(messages.plain(text))
    with st.container(key=f"caption-{i}"):
        st.caption(f"In a caption {messages.plain(text)} it stands")
    with st.container(key=f"terms-{i}"):
        st.markdown(glossary.terms(f"the encoder **{messages.plain(text)}**"))
    with st.container(key=f"title-{i}"):
        messages.question(messages.plain(text))
    with st.container(key=f"error-{i}"):
        messages.show_error(messages.ErrorMessage(text))
    with st.container(key=f"button-{i}"):
        st.button(messages.plain(text), key=f"press-{i}")
    with st.container(key=f"expander-{i}"), st.expander(messages.plain(text)):
        pass
    with st.container(key=f"html-{i}"):
        st.html(f"<p title='{plain_text.markup(text)}'>{plain_text.markup(text)}</p>")
    with st.container(key=f"facts-{i}"):
        messages.facts({text: text})
with st.container(key="legend-all"):
    legend.show(PAYLOADS)
figure = figures.bars({"n": [*range(len(PAYLOADS))]}, PAYLOADS, sideways=True, height=40 * len(PAYLOADS))
figures.show(figure, "bars", "bars")
two = {text: ([0, 1, 2], [i, i + 1, i]) for i, text in enumerate(PAYLOADS)}
figures.show(figures.curves(two, "x", "y", height=1500), "curves", "curves")
raw = go.Figure(go.Bar(x=[*PAYLOADS], y=[1] * len(PAYLOADS)))  # a figure that has forgotten to spell its names
figures.show(raw.update_layout(height=400), "forgotten", "forgotten")
st.markdown("all stand here")
