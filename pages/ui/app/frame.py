"""The frame around every page: title, theme details, navigation. Streamlit runs it before the page, on every visit."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from pages.ui.app import presenter
from pages.ui.kit import actions, glossary, messages, navigation, preload, url_state

HERE = Path(__file__).parent

# Before the navigation: a page's own icon would be fetched for the tab from a server of fonts.
st.set_page_config(page_icon=str(HERE / "mark.svg"), layout="wide")
st.logo(str(HERE / "mark.svg"), size="large")  # style.css puts the name beside it
page = st.navigation(navigation.pages(), position="top")
st.set_page_config(page_title=f"{page.title} · Unfold")
navigation.going()
presenter.show()
if url_state.arrive(page.url_path):
    actions.forget()
if url_state.hidden("controls"):
    st.html("<style>.st-key-rail { display: none; }</style>")
actions.done()  # the page runs as a whole: nothing else has to be run again
glossary.listen()
messages.reserve_notice()
messages.lost()
with suppress(messages.PageEnds):
    page.run()
messages.leave()
preload.start()
