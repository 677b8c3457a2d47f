"""Where do I start?"""

import streamlit as st

from explorer import data, engine, runs
from pages.ui.kit import messages, pictures, url_state
from pages.ui.runs import run_list
from pages.ui.sections import home_maps, home_presets

messages.question("Where do I start?")
with messages.guard():
    compared = home_maps.compared()
    if len(compared) == 2:
        worse, better = compared
        title = data.load(better.model.spec.dataset).title
        n, m = (each.model.scores()["n_test"] for each in compared)
        more = f" of {m:,}" if m != n else ""
        messages.lead_sentence(
            f"The same images of {title} in the representations of two models. **Look for colours that hold "
            f"together**: kNN, the vote of the nearest neighbours in the full representation, names {worse.knn:.0%} "
            f"of {n:,} test images correctly on the left, and {better.knn:.0%}{more} on the right."
        )
        for column, each in zip(st.columns(2, gap="large"), compared, strict=True):
            with column:
                pictures.picture(each.image, f"Map of {title} by {each.title}", each.title)
        shown, seed = len(better.map.result()["rows"]), better.map.spec.seed
        messages.provenance(data=f"{title}, validation", images=shown, map="t-SNE", seed=seed)
    else:
        messages.lead_sentence(
            "Handwritten digits by the first two principal components of their raw pixels. **Neighbours share a "
            "colour only in places**: a good representation separates the colours, and here you train one and watch."
        )
        pictures.picture(home_maps.pixels(), "Principal components of the digits' raw pixels")
        messages.provenance(data="Digits, train", model="raw pixels", map="PCA")

st.header("Trainings of about a minute", anchor=False)
with messages.guard():
    home_presets.cards()

mine, here = st.columns([0.68, 0.32], gap="large")
with mine, messages.guard():
    engine.reconcile()
    run_list.show(runs.listing("train", shipped=False))
with here, messages.guard():
    st.header("This machine", anchor=False)
    run_list.machine(engine.machine())
    url_state.link("methods", "How each method works", "menu_book")
    url_state.link("data", "The data, and how to add your own", "photo_library")
