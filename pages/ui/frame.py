"""The frame around every page: title, theme details, navigation. Streamlit runs it before the page, on every visit."""

from pathlib import Path

import streamlit as st

from pages.ui import address, say, warm

HERE = Path(__file__).parent

st.set_page_config(page_title="Unfold", page_icon=str(HERE / "mark.svg"), layout="wide")
st.logo(str(HERE / "mark.svg"), size="large")  # style.css puts the name beside it
st.html(HERE / "style.css")
page = st.navigation(address.pages(), position="top")
address.arrive(page.url_path)
say.ahead()
page.run()
say.ignored()
warm.start()
