"""Click the map, decode that point: its picture, its nearest real images, how dense the codes lie there."""

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import latent_points
from explorer.models.reference import ModelRef
from pages.ui.kit import figures, messages, pictures, place_parameters, url_state
from pages.ui.runs import model_cache
from pages.ui.sections import latents as latents_section

AT, HEIGHT = "at", 430  # in the address: the place on the map, in standard deviations; pixels


def draw(ref: str, dataset: DataSet, row: int) -> None:
    """The two directions in which the codes vary most, as a map; a click anywhere on it is decoded."""
    known = latents_section.bank(ref, dataset)
    plane = latent_points.plane(known.codes)
    at = place(ref, dataset, plane.coords, known)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        y = dataset.splits["validation"].y[known.rows]
        figure = figures.scatter(plane.coords, y, dataset.classes, known.rows, size=5, height=HEIGHT)
        marker = {"symbol": "x-thin", "size": 16, "line": {"width": 3, "color": figures.TEXT}}
        figure.add_scatter(x=[at[0]], y=[at[1]], mode="markers", marker=marker, hoverinfo="skip", showlegend=False)
        alt = f"Codes of {len(y):,} images in the two directions in which they vary most; the cross is decoded"
        more = {"click": True, "places": True, "images": pictures.thumbs(dataset, "validation")}
        figures.show(figure, key(ref, dataset), alt, **more)
    with right:
        exact = np.flatnonzero(np.abs(plane.coords - at).max(1) < 5e-4)
        code = known.codes[exact[0]] if len(exact) else plane.code(at)
        show(ref, dataset, code)
    where = f"{at[0]:.2f}, {at[1]:.2f}"
    latents_section.provenance(ref, dataset, place=f"{where} standard deviations along the first two directions")


def key(ref: str, dataset: DataSet) -> str:
    """Of the chart: another model has another map."""
    return f"plane-{dataset.name}-{ref}"


def place(ref: str, dataset: DataSet, coords: np.ndarray, known: latents_section.Bank) -> np.ndarray:
    """Where was clicked, on a point or beside all, or what the address says; else the middle."""
    chart, at = key(ref, dataset), None
    if (row := figures.clicked(chart)) is not None and (found := np.flatnonzero(known.rows == row)).size:
        at = coords[found[0]]
    elif (clicked := figures.placed(chart)) is not None:
        at = np.array(clicked)
    if at is not None:
        at = place_parameters.framed(at, coords)
        url_state.put(AT, f"{at[0]:.4g},{at[1]:.4g}")
        return at
    asked = place_parameters.read(AT, url_state.read(AT), coords, "0,0")
    return np.zeros(2) if asked is None else asked


def show(ref: str, dataset: DataSet, code: np.ndarray) -> None:
    """A code: its picture if there is a decoder, its nearest real images, the density of codes."""
    model, known = model_cache.opened(ref, dataset), latents_section.bank(ref, dataset)
    found = latent_points.around(known.codes, code)
    if model.can_decode:
        messages.prose("**Decoded**")
        pictures.picture(model.decode(code[None])[0], "The decoded point", width="min(100%, 180px)")
    elif ModelRef.parse(ref).can_embed:
        messages.caption("This model has no decoder: the nearest real images stand for the point.")
    nearest(dataset, known.rows[found.near])
    messages.caption(density(found))


def nearest(dataset: DataSet, rows: np.ndarray, title: str = "Nearest real images") -> None:
    """Real images side by side."""
    split = dataset.splits["validation"]
    messages.prose(f"**{title}**")
    alts = [f"validation image {row}: {dataset.classes[split.y[row]]}" for row in rows]
    pictures.strip(np.stack([split.x[row] for row in rows]), None, 52, alts, gap=4)


def density(found: latent_points.Around) -> str:
    """How dense the codes lie around a point, in a sentence."""
    if not np.isfinite(found.density):
        return "Many codes lie exactly here."
    how = "as dense as usual" if 0.8 < found.density < 1.25 else "denser" if found.density > 1 else "sparser"
    far = ": few real images are near, so the decoder has seen nothing like it" if found.density < 0.5 else ""
    return f"Local density {found.density:.2f} (1 = usual): codes lie {how} here{far}."
