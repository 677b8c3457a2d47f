"""How does it learn?"""

import streamlit as st

from explorer import engine, runs
from pages.ui.kit import dataset_picker, messages
from pages.ui.runs import pickers, queue, run_list, run_view
from pages.ui.sections import train_empty

title, choice, _ = st.columns([0.38, 0.32, 0.3], gap="large", vertical_alignment="center")
picture, controls = st.columns([0.7, 0.3], gap="large")
with title:
    messages.question("How does it learn?")
with choice:
    run = pickers.run()
with picture, messages.guard():
    engine.reconcile()
    if run:
        run_view.watch(run)
    else:
        train_empty.show()
    queue.show()
    run_list.show(runs.listing("train", shipped=False), empty=False)

with controls, messages.guard():
    dataset = dataset_picker.choose()
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from pages.ui.sections import train_form, train_submit
    method = train_form.method(dataset)
    start = st.container()
    hyperparameters = training = None  # until all of them are allowed
    st.markdown(f"**Hyperparameters of {method.info.title}**")
    with messages.guard(start):
        hyperparameters = train_form.hyperparameters(method)
    st.markdown("**Hyperparameters of the training**")
    with messages.guard(start):
        training = train_form.training(method, dataset)
    with start, messages.guard():
        if hyperparameters is None or training is None:
            train_submit.disabled()
        else:
            form = train_submit.Form(method.info.name, dataset.name, hyperparameters, training)
            train_submit.show(form, dataset, run)
