"""Where do I start?"""

import streamlit as st

from explorer import engine, runs
from pages.ui.kit import layout, messages, url_state
from pages.ui.runs import run_list
from pages.ui.sections import home_presets, home_start, home_unfolding

page = layout.body("Train a network without labels and watch it organise images by meaning")
unfolds = home_unfolding.chosen()
if unfolds:
    with page.lead, messages.guard():
        messages.lead_sentence(home_unfolding.lead(unfolds), unfolds.title)
    with page.picture, messages.guard():
        home_unfolding.show(unfolds)
with page.action, messages.guard():
    home_start.show(unfolds)
with page.rail:
    url_state.link("lessons", "Start the first lesson", "school")
    url_state.link("data", "Bring your own pictures", "add_photo_alternate")
    url_state.link("methods", "How each method works", "menu_book")

messages.heading("Trainings of about a minute")
with messages.guard():
    home_presets.cards()

mine, here = st.columns([0.68, 0.32], gap="large")
with mine, messages.guard():
    engine.reconcile()
    run_list.show(runs.listing("train", shipped=False))
with here, messages.guard():
    messages.heading("This machine")
    run_list.machine(engine.machine())
