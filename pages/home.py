"""Where do I start?"""

import streamlit as st

from explorer import jobs, runs
from pages.ui import address, hero, pictures, presets, say, shelf

say.question("Where do I start?")
first = hero.hero()
if first.run:
    say.look(
        f"Both pictures show the same images of {first.data}: on the left where an untrained network puts them, on the "
        "right where the same network puts them after its training. **Look for classes that have moved together.**"
    )
    left, right = st.columns(2, gap="medium")
    with left:
        pictures.picture(first.before, f"Map of {first.data} before training", "Before: an untrained network")
    with right:
        pictures.picture(first.after, f"Map of {first.data} after training", f"After: {first.run.title}")
    status = first.run.status
    say.provenance(data=first.data, model=first.run.title, step=status.step, seed=first.run.spec.seed, map="PCA")
else:
    say.look(
        "Handwritten digits, each where its raw pixels put it. **Neighbours share a colour only in places**: a good "
        "representation pulls the colours apart, and here you train one and watch it happen."
    )
    pictures.picture(first.after, f"Map of {first.data} by their raw pixels")
    say.provenance(data=first.data, model="raw pixels", map="PCA")

st.subheader("One minute each", anchor=False)
with say.guard():
    presets.cards()

mine, here = st.columns([0.68, 0.32], gap="large")
with mine, say.guard():
    st.subheader("My runs", anchor=False)
    shelf.shelf(runs.listing("train", shipped=False))
with here, say.guard():
    st.subheader("This machine", anchor=False)
    shelf.machine(jobs.machine())
    address.link("methods", "How each method works", "menu_book")
    address.link("data", "The data, and how to add your own", "photo_library")
