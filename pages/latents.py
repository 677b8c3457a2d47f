"""What is inside the code?"""

import streamlit as st

from explorer.data import DataSet
from pages.ui.kit import messages, model_cache, pickers, url_state


def choose(end: str, row: int) -> None:
    """Another end of the way."""
    st.session_state[end] = row


def swap() -> None:
    """Walk the other way."""
    st.session_state["a"], st.session_state["b"] = st.session_state["b"], st.session_state["a"]


def again(found: DataSet) -> None:
    """Another pair, and other images to choose from."""
    seed = st.session_state["_pair"] = st.session_state.get("_pair", 0) + 1
    st.session_state["a"], st.session_state["b"] = latents_section.ends(found, seed)


messages.question("What is inside the code?")
look = st.container()
picture, controls = st.columns([0.74, 0.26], gap="large")
with picture, st.skeleton(height=480):  # the first visit waits for torch
    from pages.ui.sections import latents as latents_section

with controls:
    found = pickers.dataset(where=pickers.is_image)
    ref = pickers.model(found.name, default=latents_section.drawing(found.name))
    most, first = len(found.splits["validation"].y) - 1, latents_section.ends(found, 0)
    for end in "ab":
        if st.session_state.get(end, 0) > most:
            st.session_state[end] = 0
    kept = {"bind": "query-params", "persist_state": "session"}
    left, right = st.columns(2, gap="small")
    a = left.number_input("From image", 0, most, first[0], key="a", **kept)
    b = right.number_input("To image", 0, most, first[1], key="b", **kept)
    with st.container(horizontal=True, gap="small"):
        st.button("Swap", icon=":material/swap_horiz:", on_click=swap)
        st.button("Another pair", icon=":material/casino:", on_click=again, args=(found,))
    steps = st.slider("Pictures on the way", 5, 15, 9, 2, key="steps", **kept)

with picture, messages.guard():
    model_cache.caveat(ref)
    model, hint = model_cache.opened(ref, found), ""
    if model.decodes:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Drawn again from the code**", width="stretch")
            order = url_state.choice(
                st.segmented_control, "Order", list(latents_section.ORDERS), key="order", required=True,
                format_func=latents_section.ORDERS.get, label_visibility="collapsed",
            )  # fmt: skip
        hint = latents_section.reconstructions(ref, found, order)
        latents_section.provenance(ref, found, error="squared, per pixel, in [0, 1]")

    made = latents_section.way(ref, found, a, b, steps)
    with look:
        messages.look(hint or latents_section.on_the_way(made, model))
    st.subheader("Between two images", anchor=False)
    if hint:
        st.markdown(latents_section.on_the_way(made, model))
    ends = st.columns(2, gap="medium")
    for column, end, label, row in zip(ends, "ab", ("From", "To"), (a, b), strict=True):
        with column:
            st.caption(f"{label}: {messages.plain(found.classes[found.splits['validation'].y[row]])}, image {row}")
            pair = st.session_state.get("_pair", 0)
            latents_section.offer(f"tray-{end}", label, found, row, pair, lambda row, end=end: choose(end, row))
    latents_section.show_way(made, ref, found, a, b)
    latents_section.provenance(ref, found, way=f"from {a} to {b}", distance="to the nearest code, 1 = usual")

with picture, messages.guard():
    size = latents_section.bank(ref, found).codes.shape[1]
    if model.decodes and size <= latents_section.NUMBERS:
        st.subheader("Number by number", anchor=False)
        words = st.empty()
        words.markdown(latents_section.numbers(ref, found, a))
        latents_section.provenance(ref, found, around=f"image {a}")
    if model.decodes and size == 2:
        st.subheader("The whole plane", anchor=False)
        latents_section.plane(ref, found)
        latents_section.provenance(ref, found)
