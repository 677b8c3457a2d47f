"""How does it learn?"""

import streamlit as st

from explorer import jobs, runs
from pages.ui import live, pick, say, shelf

jobs.reconcile()
title, choice, _ = st.columns([0.38, 0.32, 0.3], gap="large", vertical_alignment="center")
picture, controls = st.columns([0.7, 0.3], gap="large")
with title:
    say.question("How does it learn?")
with choice:
    run = pick.run()
with picture, say.guard():
    if run:
        live.watch(run)
    else:
        live.nothing()
    if mine := runs.listing("train", shipped=False):
        st.subheader("My runs", anchor=False)
        shelf.shelf(mine)

with controls, say.guard():
    found = pick.dataset()
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from explorer.jobs import requests
        from pages.ui import recipe
    method = recipe.method(found)
    start = st.container()
    st.markdown(f"**Knobs of {method.info.title}**")
    knobs = recipe.knobs(method)
    st.markdown("**Knobs of the training**")
    training = recipe.training(method, found)
    if start.button("Train", type="primary", icon=":material/play_circle:", width="stretch"):
        wish = requests.train(method.info.name, found.name, knobs, training)
        new = live.under_way(wish) or jobs.submit(wish)  # a button is pressed twice more often than meant
        st.query_params["run"] = new.id
        st.rerun()
