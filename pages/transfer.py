"""What is it worth elsewhere?"""

import streamlit as st

from explorer import engine, runs
from explorer.tasks import requests
from pages.ui import forms, moving, pick, say, visitor

MAIN = ("arms", "labels_per_class", "epochs")

say.question("What is it worth elsewhere?")
engine.reconcile()
picture, controls = st.columns([0.7, 0.3], gap="large")
with controls:
    target = pick.dataset("target", "Take it to this data set")
    ref = pick.model(target.name)
    start = st.container()
with picture, say.guard():
    run = moving.chosen(ref, target.name)
    if run:
        moving.watch(run)
    else:
        moving.nothing()
    told = st.container()
    moving.earlier(runs.listing("transfer"))

with controls, say.guard():
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from explorer.evaluation.transfer import TransferConfig
    fixed = ref.partition(":")[0] in ("pixels", "pca")
    knobs = forms.knobs(TransferConfig, "transfer", only=MAIN, skip=("arms",) if fixed else (), columns=1)
    with st.expander("More knobs", icon=":material/tune:"):
        knobs |= forms.knobs(TransferConfig, "transfer", skip=MAIN, columns=1)
    if fixed:
        knobs["arms"] = ("frozen",)
        st.caption("This model has no weights that could learn: it can only be used as it is.")
    st.caption("The test images are looked at once, at the end; those of validation are watched and choose nothing.")
    if moving.learned_from(ref) == target.name:
        st.caption(f"This model has already learned from {target.title}: for a transfer in earnest choose other data.")
    with start, say.guard():
        if st.button("Start", type="primary", icon=":material/move_up:", width="stretch"):
            new = engine.submit(requests.transfer(ref, target.name, knobs), user=visitor.me())
            st.query_params["transfer"] = new.id
            st.rerun()

with told, say.guard():
    seen = {**requests.wish(run), "seed": run.spec.seed} if run else knobs
    with st.expander("The labels that it sees", icon=":material/label:", expanded=run is None):
        moving.labels(pick.opened(run.spec.dataset) if run else target, seen)
