"""VAEs that differ in β: the same z under each, rate against distortion; a linear autoencoder beside PCA."""

import math
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import runs
from explorer.data import DataSet
from explorer.evaluation import latents
from pages.ui.kit import figures, messages, pictures
from pages.ui.runs import model_cache, ownership
from pages.ui.sections import latents as latents_section

SAMPLES, IMAGES, COSINES = 8, 500, "cosines of principal angles to PCA"


class Point(NamedTuple):
    """One VAE: its β, what its code tells, and how far its reconstructions are off."""

    ref: str
    beta: float
    rate: float  # nats per image
    distortion: float  # squared error per pixel
    active: int


class Family(NamedTuple):
    """VAEs that differ in β."""

    models: dict[float, str]  # their references by β; none where there is nothing to compare
    damaged: tuple[str, ...] = ()  # runs whose β is no weight


def family(ref: str, dataset: DataSet) -> Family:
    """The finished VAEs on these data with as many dimensions as this one; none where it is no VAE.

    Of several with one β the newest of one's own comes before those that come along.
    """
    run = model_cache.trained(ref)
    if run is None or run.spec.method != "vae" or run.spec.dataset != dataset.name or _beta(run) is None:
        return Family({})
    found: dict[float, str] = {}
    damaged: list[str] = []
    for other in [run, *ownership.listing("train")]:
        same = other.spec.method == "vae" and other.spec.dataset == dataset.name and other.status.state == "done"
        if (same or other is run) and _of(other, "latent", 10) == _of(run, "latent", 10):
            if (beta := _beta(other)) is None:
                damaged.append(other.id)
            else:
                found.setdefault(beta, other.id)
    return Family(dict(sorted(found.items())) if len(found) > 1 else {}, tuple(damaged))


def _of(run: runs.Run, name: str, default: float) -> Any:
    return run.spec.hyperparameters.get(name, default)


def _beta(run: runs.Run) -> float | None:
    """The β of a VAE; None where a damaged record names none."""
    beta = _of(run, "beta", 1.0)
    is_number = isinstance(beta, int | float) and not isinstance(beta, bool)
    return float(beta) if is_number and math.isfinite(beta) and beta >= 0 else None


@st.cache_data(show_spinner="Measuring rate and distortion", max_entries=64)
def point(ref: str, beta: float, stamp: str, _dataset: DataSet) -> Point:
    """Rate and distortion of a VAE on probe images."""
    model = model_cache.opened(ref, _dataset)
    x = np.asarray(_dataset.splits["validation"].x[np.sort(_dataset.probe()[0])[:IMAGES]])
    codes = model.embed(x)
    kl = latents.dimensions(model, x, codes)
    error = float(latents.reconstruct(model, x, codes)[1].mean())
    return Point(ref, beta, float(kl.values.sum()), error, int((~kl.dead).sum()))


def draw(ref: str, dataset: DataSet, row: int) -> None:
    """A slider over β: the same samples z decoded by each VAE, and where each stands in rate and distortion."""
    found, damaged = family(ref, dataset)
    own = next((beta for beta, it in found.items() if it == ref), next(iter(found)))
    style = {"format_func": lambda it: f"{it:g}", "key": f"beta-{ref}"}
    beta = st.select_slider("β, the weight of the KL term", list(found), own, **style)
    chosen = found[beta]
    model = model_cache.opened(chosen, dataset)
    points = measured(found, dataset)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        width = latents_section.bank(chosen, dataset).codes.shape[1]
        z = np.random.default_rng(0).normal(size=(SAMPLES, width)).astype(np.float32)
        rows = np.sort(dataset.probe()[0])[:SAMPLES]
        images = np.stack([dataset.splits["validation"].x[it] for it in rows])
        drawn = {"image": latents.shown(model, images), "reconstruction": model.decode(model.embed(images)),
                 "the same z": model.decode(z)}  # fmt: skip
        pictures.rows(drawn, {name: [f"{name} {i}, β = {beta:g}" for i in range(SAMPLES)] for name in drawn})
        messages.caption("*The same z*: samples of the prior, the same under each β.")
    here = next((it for it in points if it.beta == beta), None)
    if here:
        with right:
            messages.caption("Rate against distortion (lower is better on both)")
            _curve(points, here)
        messages.prose(summary(here, points, width))
    if damaged:
        messages.caption(f"Left out, since the β in the record is damaged: {messages.plain(', '.join(damaged))}.")
    latents_section.provenance(chosen, dataset, beta=f"{beta:g}")


def measured(found: dict[float, str], dataset: DataSet) -> list[Point]:
    """The points of those models that can be opened; of another a sentence says why it has none."""
    points = []
    for beta, ref in found.items():
        with messages.guard():
            points.append(point(ref, beta, model_cache.stamp(ref, dataset), dataset))
    return points


def _curve(points: list[Point], here: Point) -> None:
    """Each VAE as a point, joined by β; the chosen one wears a ring."""
    at = ([it.rate for it in points], [it.distortion for it in points])
    figure = figures.curves({"VAE": at}, "rate, nats per image", "distortion, squared error per pixel", height=290)
    figure.update_traces(
        mode="lines+markers+text",
        text=[f" β={it.beta:g}" for it in points],
        textposition="top center",
        cliponaxis=False,
    )
    ring = {"symbol": "circle-open", "size": 18, "line": {"width": 3, "color": figures.TEXT}}
    figure.add_scatter(x=[here.rate], y=[here.distortion], mode="markers", marker=ring, hoverinfo="skip", name="chosen")
    figure.update_layout(showlegend=False).update_yaxes(rangemode="tozero")
    figures.show(figure, "rate-distortion", "Rate against distortion of VAEs by their β; the chosen one is ringed")


def summary(here: Point, points: list[Point], width: int) -> str:
    """What this β buys and costs, against the neighbour with the lowest β."""
    least = points[0]
    words = f"**β = {here.beta:g} keeps {here.rate:.1f} nats in {here.active} of {width} dimensions**"
    if here is least:
        return f"{words}; squared error {here.distortion:.4f} per pixel, the lowest β of {len(points)}."
    return f"{words}; squared error {here.distortion:.4f} per pixel, {least.distortion:.4f} at β = {least.beta:g}."


def is_linear(ref: str) -> bool:
    """Whether this is a linear autoencoder, which has principal angles to PCA."""
    run = model_cache.trained(ref)
    return bool(run and run.spec.method == "autoencoder" and run.spec.hyperparameters.get("linear"))


def angles(ref: str, dataset: DataSet, row: int) -> None:
    """The principal angles between the subspace of a linear autoencoder and that of PCA, and both reconstructions."""
    model = model_cache.opened(ref, dataset)
    rows = np.sort(dataset.probe()[0])
    x = np.asarray(dataset.splits["validation"].x[rows])
    cosines = model.measure(x)[COSINES].cpu().numpy()
    degrees = np.sort(np.degrees(np.arccos(cosines.clip(0, 1))))
    width = len(degrees)
    pca = model_cache.opened(f"pca:{width}", dataset)
    shown = x[:: max(1, len(x) // 12)][:12]
    drawn = {"image": shown, "linear autoencoder": latents.reconstruct(model, shown)[0],
             f"PCA, {width}": latents.reconstruct(pca, shown)[0]}  # fmt: skip
    pictures.rows(drawn)
    figure = figures.bars({"angle": degrees}, [str(i + 1) for i in range(width)], "degrees", height=220)
    figure.update_traces(marker={"color": figures.PRIMARY}).update_yaxes(range=[0, 90])
    figure.update_xaxes(title="principal angle")
    messages.caption("Principal angles to the subspace of PCA (0° = a direction that both have, 90° = none in common)")
    figures.show(figure, "principal-angles", "Principal angles in degrees between the code's subspace and PCA's")
    near = int((degrees < 20).sum())
    errors = [float(latents.reconstruct(it, x)[1].mean()) for it in (model, pca)]
    messages.prose(
        f"**{near} of {width} directions agree with PCA's within 20°**, the worst is {degrees[-1]:.0f}° off; squared "
        f"error {errors[0]:.4f}, PCA {errors[1]:.4f}."
    )
    latents_section.provenance(ref, dataset, components="of the same validation images")
