"""What has been trained here?"""

import streamlit as st

from explorer import engine
from pages.ui.kit import layout, messages, url_state
from pages.ui.runs import ownership, pickers, queue, run_list, run_view, storage, stories

context = layout.context()
with context:
    run = pickers.run()
engine.reconcile()

if run:
    messages.question(messages.plain(run.title))
    with messages.guard():
        run_view.watch(run)
    with messages.guard():
        queue.show()
    messages.stop()

trainings = ownership.listing("train")
messages.question("What has been trained here?")
with messages.guard():
    messages.lead_sentence(run_list.summary(trainings))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        url_state.link("new", "New training", "add")
        stories.offer()
with messages.guard():
    run_list.show([run for run in trainings if not run.shipped])
with messages.guard():
    messages.heading("Models that come with Unfold")
    run_list.shipped([run for run in trainings if run.shipped])
with messages.guard():
    messages.heading("This machine")
    run_list.machine(engine.machine())
with messages.guard():
    storage.show()
