"""Paint noise or holes on an image, and see what the model makes of it."""

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import latents, painting, statistics
from pages.ui.kit import brush, messages, pictures, url_state
from pages.ui.runs import model_cache
from pages.ui.sections import latents as latents_section


def draw(ref: str, dataset: DataSet, row: int) -> None:
    """The image to paint on, what the model then sees, what it makes of it."""
    model = model_cache.opened(ref, dataset)
    image = dataset.splits["validation"].x[row]
    first = list(painting.BRUSHES) if not model.can_fill else ["hole", "noise"]
    style = {"key": "brush", "required": True, "format_func": painting.BRUSHES.get}
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        kind = url_state.choice(st.segmented_control, "Brush", first, **style)
        size = st.slider("Width", 5, 50, 20, 5, key="brush-size", format="%d%%", width=220)
    left, middle, right = st.columns(3, gap="medium")
    with left:
        messages.prose("**Paint here**")
        clean = latents.shown(model, image[None])[0]
        version = f"{dataset.name}-{row}-{clean.shape}"
        mask = brush.brush("paint", f"Image {row}", pictures.address(clean), clean.shape[-2:], size, version)
    found = painting.restore(model, image, mask, kind)
    for column, name, drawn in (
        (middle, "What the model sees", found.seen),
        (right, "What it makes of it", found.made),
    ):
        with column:
            messages.prose(f"**{name}**")
            pictures.picture(drawn, name, width="min(100%, 260px)")
    messages.prose(summary(found, mask))
    how = "the painted part is filled" if model.can_fill else "the whole image is encoded and decoded"
    latents_section.provenance(ref, dataset, image=row, how=how)


def summary(found: painting.Restored, mask: np.ndarray) -> str:
    """How near to the clean image the painted part has come."""
    if found.inside is None or found.before is None:
        return "Nothing is painted yet: drag over the image, or move with the arrow keys and paint with space."
    better = "nearer to" if found.inside < found.before else "no nearer to"
    share = statistics.percent(float(mask.mean()))
    return (
        f"**In the painted part ({share} of the image) the result is {better} the clean image**: squared error "
        f"{found.inside:.4f} per pixel, before {found.before:.4f}."
    )
