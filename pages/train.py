"""The address of training in earlier versions: it leads on to a run, or to the form."""

import streamlit as st

from pages.ui.kit import navigation

asked = st.query_params.to_dict()
if "run" in asked:
    navigation.forward("runs", run=asked["run"], **{key: asked[key] for key in ("frame",) if key in asked})
navigation.forward("new", **asked)
