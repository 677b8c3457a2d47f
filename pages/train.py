"""How does it learn?"""

import streamlit as st

from explorer import engine, runs
from pages.ui import live, pick, say, shelf, waiting

title, choice, _ = st.columns([0.38, 0.32, 0.3], gap="large", vertical_alignment="center")
picture, controls = st.columns([0.7, 0.3], gap="large")
with title:
    say.question("How does it learn?")
with choice:
    run = pick.run()
with picture, say.guard():
    engine.reconcile()
    if run:
        live.watch(run)
    else:
        live.nothing()
    waiting.line()
    shelf.shelf(runs.listing("train", shipped=False), empty=False)

with controls, say.guard():
    found = pick.dataset()
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from pages.ui import order, recipe
    method = recipe.method(found)
    start = st.container()
    knobs = training = None  # until all of them are allowed
    st.markdown(f"**Knobs of {method.info.title}**")
    with say.guard(start):
        knobs = recipe.knobs(method)
    st.markdown("**Knobs of the training**")
    with say.guard(start):
        training = recipe.training(method, found)
    with start, say.guard():
        if knobs is None or training is None:
            order.nothing()
        else:
            order.order(order.Form(method.info.name, found.name, knobs, training), found, run)
