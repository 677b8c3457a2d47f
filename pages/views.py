"""What does the network see?"""

import numpy as np
import streamlit as st

from explorer import Refused
from explorer.tasks import requests
from pages.ui.kit import image_picker, messages, pickers, pictures, url_state

SAMPLES = 12


def choose(row: int) -> None:
    """Another image."""
    st.session_state["row"] = row


def again(what: str) -> None:
    """Draw anew: the next seed."""
    st.session_state[what] = st.session_state.get(what, 0) + 1


messages.question("What does the network see?")
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with controls:
    found = pickers.dataset(where=pickers.is_image)
    images, last = found.splits["train"], len(found.splits["train"].y) - 1
    if st.session_state.get("row", 0) > last:
        st.session_state["row"] = 0
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        row = st.number_input("Training image", 0, last, key="row", bind="query-params")
        st.button(
            "Others", icon=":material/casino:", on_click=again, args=("others",), help="Other images to choose from"
        )
    form = st.container()

with picture:
    order = np.random.default_rng(st.session_state.get("others", 0)).permutation(last + 1)[:SAMPLES]
    alts = {int(i): f"{found.classes[images.y[i]]}, training image {i}" for i in order[np.argsort(images.y[order])]}
    image_picker.tray("tray", "Training images to choose from", pictures.thumbs(found, "train"), alts, row, choose)
    seen = st.container()
    with seen, st.skeleton(height=300):  # the first visit waits for torch
        from pages.ui.sections import train_form
        from pages.ui.sections import views as views_section

drawn = None  # until method and hyperparameters are allowed
with form, messages.guard():
    method = train_form.method(found, "simclr")
    name, title = method.info.name, method.info.title
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        seed = st.number_input("Seed", 0, 99_999, key="seed", bind="query-params")
        st.button("Draw again", icon=":material/refresh:", on_click=again, args=("seed",))
    hyperparameters = train_form.hyperparameters(method)
    url_state.link("train", f"Train {title} with these", "play_circle", data=found.name, method=name)

    try:
        drawn = views_section.draws(name, hyperparameters, found.name, found.hash, row, seed)
        together = (
            {}
            if views_section.fixed(drawn)
            else views_section.batch(name, hyperparameters, found.name, found.hash, tuple(alts), seed)
        )
    except Refused as refused:
        with seen:
            why = messages.sentence(train_form.titled(name, str(refused)))
            messages.empty(f"{title} does not take these images so", messages.plain(why))

if drawn is not None:
    with look, messages.guard():
        messages.look(views_section.hint(method, hyperparameters, drawn, found))
        if remark := requests.warning(requests.train(name, found.name, hyperparameters, {})):
            messages.caveat(train_form.titled(name, remark))
    with seen, messages.guard():
        views_section.show(images.x[row], drawn)
        if together:
            st.markdown("**A batch**: what belongs together stands in one column")
            pictures.rows(together)
        image = f"{row} ({found.classes[images.y[row]]})"
        messages.provenance(
            data=f"{found.title}, train", image=image, method=title, seed=seed, lines=pictures.seams(drawn)
        )

with picture:
    st.subheader("One operation at a time", anchor=False)
    st.markdown("The same image again. The numbers are what was drawn for the picture above them.")
    for name in views_section.OPERATIONS:
        views_section.operation(name, images.x[row], seed)
