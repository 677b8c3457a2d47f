"""The address of training in earlier versions: it leads on to a run, or to the form."""

import streamlit as st

from pages.ui.kit import url_state

asked = st.query_params.to_dict()
if "run" in asked:
    url_state.forward("runs", run=asked["run"], **{key: asked[key] for key in ("frame",) if key in asked})
url_state.forward("new", **asked)
