"""What is in the data?"""

import streamlit as st

from explorer import data
from pages.ui.kit import dataset_picker, figures, layout, messages, pictures, url_state
from pages.ui.sections import data as data_section
from pages.ui.sections import data_own

page = layout.page("What is in the data?")
with page.action:  # before the data: whoever's own cannot be read needs it most
    data_section.own(opened=url_state.flag("own"))
with page.context:
    dataset = dataset_picker.choose(place=page.picture)
with page.rail:
    split = url_state.choice(st.segmented_control, "Split", list(dataset.splits), key="split", required=True)
    every = data_section.all_of(dataset.classes)
    only = url_state.choice(st.selectbox, "Class", [every, *dataset.classes], key="class")
    help = "Seed of the random sample of images"
    roll = st.number_input("Sample", 0, 9999, 0, key="roll", bind="query-params", help=help)

card, images = data.card(dataset.name), dataset.splits[split]
many = data.DISPLAYS[dataset.modality].many
with page.lead:
    messages.lead_sentence(data_section.summary(card, dataset))
    data_section.overlaps(dataset)
with page.picture, messages.guard():
    if only == every:
        data_section.classes(dataset, split, card.get("class_means"), roll)
    else:
        data_section.one_class(dataset, split, only, 60, roll)
    framed = "mean training image of its class" if only == every and "class_means" in card else None
    about = {many: f"{len(images.y):,}", "sampled_with_seed": roll, "framed": framed}
    messages.provenance(data=f"{dataset.title}, {split}", **about)
with page.picture, messages.guard():
    data_own.about(dataset)
with page.rail:
    st.caption(f"{card['summary']}\n\n{card['source']}")

left, right = st.columns([0.6, 0.4], gap="large")
with left, messages.guard():
    messages.heading(f"{many.capitalize()} per class")
    figure = figures.bars(dict(card["counts"]), dataset.classes, many)
    figures.show(figure, f"counts-{dataset.name}", f"{many.capitalize()} of each class of {dataset.title}, by split")
    messages.provenance(data=dataset.title, **{name: f"{sum(counts):,}" for name, counts in card["counts"].items()})
if "mean_image" in card:
    with right, messages.guard():
        messages.heading("Mean image")
        pictures.strip(card["mean_image"][None], px=150, alt=f"mean training image of {dataset.title}")
        std = ", ".join(f"{value:.4f}" for value in card["std"])
        mean = ", ".join(f"{value:.4f}" for value in card["mean"])
        messages.provenance(data=f"{dataset.title}, train", mean=mean, standard_deviation=std)

if data_section.numbers(images.factors):
    messages.heading("Columns" if data_section.is_imported(images.factors) else "Generative factors")
    data_section.factors(images.factors, dataset.title, split)

with messages.guard():
    messages.heading("Duplicates")
    data_section.duplicates(dataset, card["duplicates"])

if dataset.notes:
    messages.heading("How the files were read")
    data_section.notes(dataset.notes)

if dataset.left_out:
    messages.heading("Files that could not be used")
    st.dataframe([{"file": out.path, "reason": out.why} for out in dataset.left_out], hide_index=True)
