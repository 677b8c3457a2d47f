"""Start with `make app`, or `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from pages.ui.app import callbacks, generated_files, message_queue, routes, widget_values
from pages.ui.kit import messages

callbacks.install()
generated_files.install()
message_queue.install()
widget_values.install()
app = st.App(
    Path(__file__).parent / "pages" / "ui" / "app" / "frame.py",
    routes=routes.ROUTES,
    middleware=routes.MIDDLEWARE,
    on_script_error=messages.unexpected,
)
