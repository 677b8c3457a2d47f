"""The server of `sinks_page.py`: with the addresses of the real one, from which charts are fetched."""

from pathlib import Path

import streamlit as st

from pages.ui.app import routes

app = st.App(Path(__file__).with_name("sinks_page.py"), routes=routes.ROUTES)
