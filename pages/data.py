"""What is in the data?"""

import streamlit as st

from explorer import data
from pages.ui.kit import dataset_picker, figures, messages, pictures, url_state
from pages.ui.sections import data as data_section

messages.question("What is in the data?")
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with controls:
    found = dataset_picker.choose(place=picture)
    split = url_state.choice(st.segmented_control, "Split", list(found.splits), key="split", required=True)
    only = url_state.choice(st.selectbox, "Class", ["all", *found.classes], key="class")
    roll = st.number_input("Other images", 0, 9999, 0, key="roll", bind="query-params", help="Seed of the drawing")

card, images = data.card(found.name), found.splits[split]
with look:
    messages.lead_sentence(data_section.verdict(card, found))
with picture, messages.guard():
    if only == "all":
        data_section.classes(found, split, card["class_means"], roll)
    else:
        rows = data_section.draw(images.y, found.classes.index(only), 60, roll)
        pictures.strip(images.x[rows], [f"#{row}" for row in rows], 56, only)
    framed = "mean training image of its class" if only == "all" else None
    messages.provenance(
        data=f"{found.title}, {split}", images=f"{len(images.y):,}", drawn_with_seed=roll, framed=framed
    )
with controls:
    st.caption(f"{card['summary']}\n\n{card['source']}")

left, right = st.columns([0.6, 0.4], gap="large")
with left, messages.guard():
    st.subheader("How many of each class", anchor=False)
    figure = figures.bars(dict(card["counts"]), found.classes, "images")
    figures.show(figure, f"counts-{found.name}", f"Images of each class of {found.title}, by split")
    messages.provenance(data=found.title, **{name: f"{sum(counts):,}" for name, counts in card["counts"].items()})
with right, messages.guard():
    st.subheader("The mean of everything", anchor=False)
    pictures.strip(card["mean_image"][None], px=150, alt=f"mean training image of {found.title}")
    spread = ", ".join(f"{value:.4f}" for value in card["std"])
    mean = ", ".join(f"{value:.4f}" for value in card["mean"])
    messages.provenance(data=f"{found.title}, train", mean=mean, standard_deviation=spread)

if images.factors:
    st.subheader("What each image was drawn from", anchor=False)
    data_section.factors(images.factors, found.title, split)

with messages.guard():
    st.subheader("Images that appear twice", anchor=False)
    data_section.twins(found, card["duplicates"])

if found.left_out:
    st.subheader("Files that were left out", anchor=False)
    st.dataframe([{"file": out.path, "why": out.why} for out in found.left_out], hide_index=True)

with st.expander("Add your own images", icon=":material/create_new_folder:"):
    st.markdown(data_section.OWN.format(root=messages.plain(str(data.root()))))
