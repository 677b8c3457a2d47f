"""What else can be done with a latent space, one at a time: the panels that a model has, and their choice."""

from collections.abc import Callable

import streamlit as st

from explorer.data import DataSet
from pages.ui.kit import messages, url_state
from pages.ui.runs import model_cache
from pages.ui.sections import (
    latents_beta,
    latents_factors,
    latents_paint,
    latents_place,
    latents_plane,
    latents_prior,
)

Panel = Callable[[str, DataSet, int], None]
TITLES: dict[str, tuple[str, Panel]] = {
    "place": ("Click the map", latents_place.draw),
    "plane": ("Two sliders", latents_plane.sliders),
    "arithmetic": ("a − b + c", latents_plane.arithmetic),
    "paint": ("Paint on it", latents_paint.draw),
    "density": ("Samples", latents_prior.draw),
    "beta": ("β and rate", latents_beta.draw),
    "linear": ("Beside PCA", latents_beta.angles),
    "factors": ("Factors", latents_factors.draw),
}


def offered(ref: str, dataset: DataSet) -> list[str]:
    """The panels that this model has on these data; the others would be a sentence of refusal."""
    model = model_cache.opened(ref, dataset)
    there = {
        "place": True, "plane": model.can_decode, "arithmetic": True, "paint": model.can_decode or model.can_fill,
        "density": True, "beta": bool(latents_beta.family(ref, dataset).models), "linear": latents_beta.is_linear(ref),
        "factors": latents_factors.known(dataset),
    }  # fmt: skip
    return [name for name in TITLES if there[name] and model.can_embed]


@st.fragment
def draw(ref: str, dataset: DataSet, row: int) -> None:
    """The choice, and the chosen panel around image `row`; what happens in it does not run the page again."""
    with messages.guard():  # a fragment that runs by itself has no other one around it
        names = offered(ref, dataset)
        if not names:
            return
        messages.heading("In the latent space")
        style = {"key": "panel", "required": True, "label_visibility": "collapsed"}
        chosen = url_state.choice(st.segmented_control, "Panel", names, format_func=lambda it: TITLES[it][0], **style)
        TITLES[chosen][1](ref, dataset, row)
