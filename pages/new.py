"""What shall it learn?"""

import streamlit as st

from explorer import engine
from pages.ui.kit import dataset_picker, layout, messages

page = layout.page("What shall it learn?")
with page.context:
    dataset = dataset_picker.choose(where=dataset_picker.can_be_learned, place=page.picture)
with page.picture, st.skeleton(height=420):  # the first visit waits for torch
    from pages.ui.sections import new as new_section
    from pages.ui.sections import train_form, train_submit

hyperparameters = training = None  # until all of them are allowed
with page.rail, messages.guard():
    method = train_form.method(dataset)
    with messages.guard(page.action):
        training = train_form.training(method, dataset)
    with st.expander(f"Hyperparameters of {method.info.title}", expanded=True), messages.guard(page.action):
        hyperparameters = train_form.hyperparameters(method)

with page.action, messages.guard():
    engine.reconcile()
    if hyperparameters is None or training is None:
        train_submit.disabled()
    else:
        form = train_submit.Form(method.info.name, dataset.name, hyperparameters, training)
        train_submit.show(form, dataset)

with page.lead:
    messages.lead_sentence(new_section.summary(method, dataset), method.info.title)
with page.picture, messages.guard():
    new_section.views(method, dataset, hyperparameters or {})
with page.picture, messages.guard():
    new_section.baselines(dataset, (training or {}).get("encoder", ""))
with page.picture, messages.guard():
    new_section.ablations(method)
