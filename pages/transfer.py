"""What is it worth elsewhere?"""

import streamlit as st

from explorer import engine, runs
from explorer.tasks import requests
from pages.ui.kit import dataset_picker, forms, identity, messages
from pages.ui.runs import pickers
from pages.ui.sections import transfer as transfer_section

MAIN = ("arms", "labels_per_class", "epochs")

messages.question("What is it worth elsewhere?")
engine.reconcile()
picture, controls = st.columns([0.7, 0.3], gap="large")
with controls:
    target = dataset_picker.choose("target", "Take it to this data set")
    ref = pickers.model(target.name)
    start = st.container()
with picture, messages.guard():
    run = transfer_section.chosen(ref, target.name)
    if run:
        transfer_section.watch(run)
    else:
        transfer_section.nothing()
    told = st.container()
    transfer_section.earlier(runs.listing("transfer"))

with controls, messages.guard():
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from explorer.evaluation.transfer import TransferConfig
    fixed = ref.partition(":")[0] in ("pixels", "pca")
    hyperparameters = forms.hyperparameters(
        TransferConfig, "transfer", only=MAIN, skip=("arms",) if fixed else (), columns=1
    )
    with st.expander("More hyperparameters", icon=":material/tune:"):
        hyperparameters |= forms.hyperparameters(TransferConfig, "transfer", skip=MAIN, columns=1)
    if fixed:
        hyperparameters["arms"] = ("frozen",)
        st.caption("This model has no weights that could learn: it can only be used as it is.")
    st.caption("The test images are looked at once, at the end; those of validation are watched and choose nothing.")
    if transfer_section.learned_from(ref) == target.name:
        st.caption(f"This model has already learned from {target.title}: for a transfer in earnest choose other data.")
    with start, messages.guard():
        if st.button("Start", type="primary", icon=":material/move_up:", width="stretch"):
            new = engine.submit(requests.transfer(ref, target.name, hyperparameters), user=identity.me())
            st.query_params["transfer"] = new.id
            st.rerun()

with told, messages.guard():
    seen = {**requests.wish(run), "seed": run.spec.seed} if run else hyperparameters
    with st.expander("The labels that it sees", icon=":material/label:", expanded=run is None):
        transfer_section.labels(dataset_picker.load(run.spec.dataset) if run else target, seen)
