"""Densities of the codes: samples of the prior and of densities that were fitted, and their held-out likelihood."""

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import code_density, neighbours
from explorer.evaluation.code_density import Density
from pages.ui.kit import messages, pictures, url_state
from pages.ui.runs import model_cache
from pages.ui.sections import latents as latents_section
from pages.ui.sections import latents_place

SAMPLES, LEARN, MOST = 24, 1000, 64  # pictures; training codes that a density is fitted on; dimensions at most


def draw(ref: str, dataset: DataSet, row: int) -> None:
    """Samples of one density, and how likely each makes codes that it has not seen."""
    model, known = model_cache.opened(ref, dataset), latents_section.bank(ref, dataset)
    n = known.codes.shape[1]
    if n > MOST:
        messages.caption(f"A code of {n} dimensions is too wide for a density of so few images: {MOST} are the most.")
        return
    names = [code_density.PRIOR] * model.has_prior + list(code_density.DENSITIES)
    style = {"key": "density", "required": True, "format_func": code_density.TITLES.get}
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        name = url_state.choice(st.segmented_control, "Density", names, **style)
        draw_number = st.number_input("Draw", 0, 999, 0, key="sample-draw", width=130)
    stamp = model_cache.stamp(ref, dataset)
    found = {it: estimated(ref, stamp, it, dataset) for it in names}
    codes = found[name].sample(SAMPLES, int(draw_number))
    if model.can_decode:
        pictures.strip(model.decode(codes), None, 56, f"a sample of the {code_density.TITLES[name]}", gap=4)
    else:
        messages.caption("This model has no decoder: the real images nearest to each sample stand for it.")
        near = neighbours.nearest(known.codes, codes, 1, "euclidean").index[:, 0]
        latents_place.nearest(dataset, known.rows[near], "Nearest to the samples")
    messages.prose(_best(found))
    lines = [_line(density) for density in sorted(found.values(), key=lambda it: -it.likelihood)]
    messages.facts(dict(lines))
    lost = int((~found[name].live).sum())
    if lost:
        messages.caption(f"{lost} of {n} dimensions are dead; they are left out of every density alike.")
    about = f"on {len(known.codes):,} validation codes, nats per code, 95% intervals"
    latents_section.provenance(ref, dataset, likelihood=about)


@st.cache_resource(show_spinner="Fitting a density", max_entries=24)
def estimated(ref: str, stamp: str, name: str, _dataset: DataSet) -> Density:
    """A density of training codes, its size chosen among them; the likelihood is that of validation codes."""
    model, known = model_cache.opened(ref, _dataset), latents_section.bank(ref, _dataset)
    codes = model.features(_dataset, "train", _dataset.chosen("train", (), LEARN)[0])
    dead = latents_section.dimensions(ref, _dataset).dead
    return code_density.estimate(name, np.asarray(codes), known.codes, dead=dead)


def _line(density: Density) -> tuple[str, str]:
    title = code_density.TITLES[density.name]
    if density.name == "mixture":
        title += f" ({density.chosen} components)"
    if density.name == "kernel":
        title += f" (width {density.chosen:.2g} sd)"
    low, high = density.interval
    return title, f"{density.likelihood:.2f} ({low:.2f} to {high:.2f})"


def _best(found: dict[str, Density]) -> str:
    best = max(found.values(), key=lambda it: it.likelihood)
    others = [it for it in found.values() if it is not best and code_density.likelier(best, it)[1] <= 0]
    as_likely = f"; {code_density.TITLES[others[0].name]} is no worse within the interval" if others else ""
    return f"**{code_density.TITLES[best.name].capitalize()} explains codes it has not seen best**{as_likely}."
