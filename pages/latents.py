"""What does each latent dimension encode?"""

import streamlit as st

from explorer.data import DataSet
from pages.ui.kit import dataset_picker, layout, messages, url_state
from pages.ui.runs import model_cache, pickers, together


def choose(end: str, row: int) -> None:
    """Another end of the interpolation path."""
    st.session_state[end] = row


def swap() -> None:
    """Interpolate in the other direction."""
    st.session_state["a"], st.session_state["b"] = st.session_state["b"], st.session_state["a"]


def another_pair(dataset: DataSet) -> None:
    """Another pair, and other images to choose from."""
    seed = st.session_state["_pair"] = st.session_state.get("_pair", 0) + 1
    st.session_state["a"], st.session_state["b"] = latents_section.ends(dataset, seed)


page = layout.page("What does each latent dimension encode?")
with page.picture, st.skeleton(height=480):  # the first visit waits for torch
    from pages.ui.sections import latents as latents_section

dataset, ref = pickers.context(page, dataset_picker.is_image, latents_section.first_decoder)
with page.rail:
    most, first = len(dataset.splits["validation"].y) - 1, latents_section.ends(dataset, 0)
    for end in "ab":
        if st.session_state.get(end, 0) > most:
            st.session_state[end] = 0
    kept = {"bind": "query-params"}
    left, right = st.columns(2, gap="small")
    a = left.number_input("From image", 0, most, first[0], key="a", **kept)
    b = right.number_input("To image", 0, most, first[1], key="b", **kept)
    with st.container(horizontal=True, gap="small"):
        st.button("Swap", icon=":material/swap_horiz:", on_click=swap)
        st.button("Another pair", icon=":material/casino:", on_click=another_pair, args=(dataset,))
    steps = st.slider("Interpolation steps", 5, 15, 9, 2, key="steps", **kept)

model = None  # until it is loaded
with page.picture, messages.guard():
    model_cache.caveat(ref)
    model, reconstruction = model_cache.opened(ref, dataset), ""
    if model.can_decode:
        with st.container(horizontal=True, vertical_alignment="center"):
            messages.prose("**Reconstructions**", width="stretch")
            order = url_state.choice(
                st.segmented_control, "Order", list(latents_section.ORDERS), key="order", required=True,
                format_func=latents_section.ORDERS.get, label_visibility="collapsed",
            )  # fmt: skip
        reconstruction = latents_section.reconstructions(ref, dataset, order)
        latents_section.provenance(ref, dataset, error="mean squared, per pixel in [0, 1]")

    result = latents_section.interpolate(ref, dataset, a, b, steps)
    with page.lead:
        messages.lead_sentence(reconstruction or latents_section.path_summary(result))
    messages.heading("Latent interpolation")
    if reconstruction:
        messages.prose(latents_section.path_summary(result))
    ends = st.columns(2, gap="medium")
    for column, end, label, row in zip(ends, "ab", ("From", "To"), (a, b), strict=True):
        with column:
            st.caption(f"{label}: {messages.plain(dataset.classes[dataset.splits['validation'].y[row]])}, image {row}")
            pair = st.session_state.get("_pair", 0)
            latents_section.offer(f"tray-{end}", label, dataset, row, pair, lambda row, end=end: choose(end, row))
    latents_section.show_path(result, ref, dataset, a, b)
    path = f"from image {a} to {b}"
    latents_section.provenance(ref, dataset, path=path, distance="to the nearest real image; 1 = between neighbours")

with page.picture, messages.guard():
    size = latents_section.bank(ref, dataset).codes.shape[1] if model and model.can_decode else 0
    if 0 < size <= latents_section.DIMENSIONS:
        messages.heading("Latent traversals")
        summary = st.container()
        text = latents_section.traversals(ref, dataset, a)
        with summary:
            messages.prose(text)
        latents_section.provenance(ref, dataset, around=f"image {a}")
    if size == 2:
        messages.heading("The latent space as a plane")
        latents_section.plane(ref, dataset)
        latents_section.provenance(ref, dataset)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    with page.picture, messages.guard():
        messages.heading("The representation during training")
        st.fragment(together.section)(trained)
