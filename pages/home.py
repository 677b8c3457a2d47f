"""Where do I start?"""

import streamlit as st

from explorer import data, engine, runs
from pages.ui.kit import messages, pictures, url_state
from pages.ui.runs import run_list
from pages.ui.sections import home_maps, home_presets

messages.question("Where do I start?")
with messages.guard():
    heroes = home_maps.heroes()
    if len(heroes) == 2:
        worse, better = heroes
        title = data.load(better.model.spec.dataset).title
        n, m = (one.model.scores()["n_test"] for one in heroes)
        more = f" of {m:,}" if m != n else ""
        messages.lead_sentence(
            f"The same images of {title}, where two models put them. **Look for colours that hold together**: before "
            f"any squeezing into a plane, neighbours name {worse.knn:.0%} of {n:,} test images rightly on the left, "
            f"and {better.knn:.0%}{more} on the right."
        )
        for column, one in zip(st.columns(2, gap="large"), heroes, strict=True):
            with column:
                pictures.picture(one.image, f"Map of {title} by {one.title}", one.title)
        shown, seed = len(better.map.result()["rows"]), better.map.spec.seed
        messages.provenance(data=f"{title}, validation", images=shown, map="t-SNE", seed=seed)
    else:
        messages.lead_sentence(
            "Handwritten digits, each where its raw pixels put it. **Neighbours share a colour only in places**: a "
            "good representation pulls the colours apart, and here you train one and watch it happen."
        )
        pictures.picture(home_maps.pixels(), "Map of the digits by their raw pixels")
        messages.provenance(data="Digits, train", model="raw pixels", map="PCA")

st.subheader("A minute each", anchor=False)
with messages.guard():
    home_presets.cards()

mine, here = st.columns([0.68, 0.32], gap="large")
with mine, messages.guard():
    engine.reconcile()
    run_list.show(runs.listing("train", shipped=False))
with here, messages.guard():
    st.subheader("This machine", anchor=False)
    run_list.machine(engine.machine())
    url_state.link("methods", "How each method works", "menu_book")
    url_state.link("data", "The data, and how to add your own", "photo_library")
