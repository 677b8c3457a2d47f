"""What does the network see?"""

import numpy as np
import streamlit as st

from explorer import Refused
from explorer.tasks.training import request as training_request
from pages.ui.kit import dataset_picker, image_picker, messages, pictures, url_state

SAMPLES = 12


def choose(row: int) -> None:
    """Another image."""
    st.session_state["row"] = row


def next_seed(what: str) -> None:
    """Draw again, with the next seed."""
    st.session_state[what] = st.session_state.get(what, 0) + 1


messages.question("What does the network see?")
lead = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with controls:
    dataset = dataset_picker.choose(where=dataset_picker.is_image)
    images, last = dataset.splits["train"], len(dataset.splits["train"].y) - 1
    if st.session_state.get("row", 0) > last:
        st.session_state["row"] = 0
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        row = st.number_input("Training image", 0, last, key="row", bind="query-params")
        st.button(
            "Others", icon=":material/casino:", on_click=next_seed, args=("others",), help="Other images to choose from"
        )
    form = st.container()

with picture:
    order = np.random.default_rng(st.session_state.get("others", 0)).permutation(last + 1)[:SAMPLES]
    alts = {
        int(i): f"{dataset.classes[images.y[i]]}, training image {i}" for i in sorted(order, key=images.y.__getitem__)
    }
    image_picker.tray("tray", "Training images to choose from", pictures.thumbs(dataset, "train"), alts, row, choose)
    shown = st.container()
    with shown, st.skeleton(height=300):  # the first visit waits for torch
        from pages.ui.kit import method_labels
        from pages.ui.sections import train_form
        from pages.ui.sections import views as views_section

views = None  # until method and hyperparameters are allowed
with form, messages.guard():
    method = train_form.method(dataset, "simclr")
    name, title = method.info.name, method.info.title
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        seed = st.number_input("Seed", 0, 99_999, key="seed", bind="query-params")
        st.button("Draw again", icon=":material/refresh:", on_click=next_seed, args=("seed",))
    hyperparameters = train_form.hyperparameters(method)
    url_state.link("train", f"Train {title} with these", "play_circle", data=dataset.name, method=name)

    try:
        views = views_section.draws(name, hyperparameters, dataset.name, dataset.hash, row, seed)
        batch = (
            {}
            if views_section.fixed(views)
            else views_section.batch(name, hyperparameters, dataset.name, dataset.hash, tuple(alts), seed)
        )
    except Refused as refused:
        with shown:
            why = messages.sentence(method_labels.titled(name, str(refused)))
            messages.empty(f"{title} does not accept these images", messages.plain(why))

if views is not None:
    with lead, messages.guard():
        messages.lead_sentence(views_section.summary(method, hyperparameters, views, dataset))
        if warning := training_request.warning(training_request.train(name, dataset.name, hyperparameters, {})):
            messages.caveat(method_labels.titled(name, warning))
    with shown, messages.guard():
        views_section.show(images.x[row], views)
        if batch:
            st.markdown("**A batch**: the views of one image stand in one column")
            pictures.rows(batch)
        image = f"{row} ({dataset.classes[images.y[row]]})"
        messages.provenance(
            data=f"{dataset.title}, train", image=image, method=title, seed=seed, lines=pictures.seams(views)
        )

with picture:
    st.header("One augmentation at a time", anchor=False)
    st.markdown("The same image again. The numbers are the random parameters of the picture above them.")
    for name in views_section.OPERATIONS:
        views_section.operation(name, images.x[row], seed)
