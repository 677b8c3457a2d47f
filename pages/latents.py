"""What does each latent dimension encode?"""

import streamlit as st

from pages.ui.kit import dataset_picker, layout, messages, url_state
from pages.ui.runs import model_cache, pickers, together

page = layout.page("What does each latent dimension encode?")
with page.picture, st.skeleton(height=480):  # the first visit waits for torch
    from pages.ui.sections import latents as latents_section
    from pages.ui.sections import latents_panels, latents_paths

dataset, ref = pickers.context(page, dataset_picker.is_image, latents_section.first_decoder)
with page.rail:
    asked = latents_paths.controls(dataset)

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
        latents_section.code(ref, dataset, asked.a)
        latents_section.provenance(ref, dataset, error="mean squared, per pixel in [0, 1]")

    result = latents_paths.interpolate(ref, dataset, asked)
    with page.lead:
        messages.lead_sentence(reconstruction or latents_paths.summary(result))
    messages.heading("Latent interpolation")
    if reconstruction:
        messages.prose(latents_paths.summary(result))
    latents_paths.show(result, ref, dataset, asked)
    latents_paths.many_pairs(ref, dataset)

with page.picture, messages.guard():
    if model and model.can_decode:
        messages.heading("Latent traversals")
        summary = st.container()
        text = latents_section.traversals(ref, dataset, asked.a)
        with summary:
            messages.prose(text)
        latents_section.provenance(ref, dataset, around=f"image {asked.a}")
    if model:
        latents_panels.draw(ref, dataset, asked.a)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    with page.picture, messages.guard():
        messages.heading("The representation during training")
        st.fragment(together.section)(trained)
