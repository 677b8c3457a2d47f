"""Start with `make app`, or `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from pages.ui import routes, say

app = st.App(
    Path(__file__).parent / "pages" / "ui" / "frame.py",
    routes=routes.ROUTES,
    middleware=routes.MIDDLEWARE,
    on_script_error=say.unexpected,
)
