"""The latent space: its codes, reconstructions, latent traversals. This imports torch."""

import time
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer.core import Method
from explorer.data import DataSet
from explorer.evaluation import latents, ordering, statistics
from explorer.methods import METHODS
from explorer.models.reference import ModelRef
from pages.ui.kit import figures, messages, pictures
from pages.ui.runs import model_cache, pickers

PATIENCE, CHUNK = 0.4, 50  # seconds that embedding the bank may take, images at a time
ACROSS = 12  # images in a row
BARS, ROWS = 40, 10  # of a code; latent dimensions that are traversed
ORDERS = {"worst": "Largest error", "best": "Smallest error", "sample": "One of each class"}


class Bank(NamedTuple):
    """Probe images and their latent codes."""

    rows: np.ndarray  # [N], of validation
    codes: np.ndarray  # [N, D]


def first_decoder(dataset: str) -> str:
    """The first model of the list that has a decoder."""
    for ref in pickers.models(dataset):
        run = model_cache.trained(ref)
        method = METHODS.get(run.spec.method) if run and run.spec.dataset == dataset else None
        if method and method.decode is not Method.decode:
            return ref
    return "pca"


def bank(ref: str, dataset: DataSet) -> Bank:
    """The latent codes of as many probe images as can be embedded while a visitor waits, at most 1,000."""
    return _bank(ref, dataset.name, model_cache.stamp(ref, dataset), dataset)


@st.cache_data(show_spinner=False, max_entries=16)
def _bank(ref: str, name: str, stamp: str, _dataset: DataSet) -> Bank:
    model = model_cache.opened(ref, _dataset)
    rows = np.random.default_rng(0).permutation(_dataset.probe()[0])
    codes, start = [], time.perf_counter()
    for i in range(0, len(rows), CHUNK):
        codes.append(model.features(_dataset, "validation", np.sort(rows[i : i + CHUNK])))
        if time.perf_counter() - start > PATIENCE:
            break
    codes = np.concatenate(codes)
    rows = np.concatenate([np.sort(rows[i : i + CHUNK]) for i in range(0, len(codes), CHUNK)])
    return Bank(rows, codes)


# ----------------------------------------------------------------------------------------- reconstructions


@st.cache_data(show_spinner=False, max_entries=8)
def _reconstructed(
    ref: str, name: str, stamp: str, _dataset: DataSet
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Images, reconstructions, errors, and the error of PCA with as many dimensions."""
    model, known = model_cache.opened(ref, _dataset), bank(ref, _dataset)
    x = _dataset.splits["validation"].x[known.rows]
    images, error = latents.reconstruct(model, x, known.codes)
    x = latents.shown(model, x)
    return x, images, error, latents.linear_floor(x, known.codes.shape[1])


def reconstructions(ref: str, dataset: DataSet, order: str) -> str:
    """Images above their reconstructions; returns the lead sentence."""
    reconstructed(ref, dataset, order, errors=True)
    rows, codes = bank(ref, dataset)
    _, _, error, floor = _reconstructed(ref, dataset.name, model_cache.stamp(ref, dataset), dataset)
    return _against_pca(error, floor, codes.shape[1], len(rows))


def code(ref: str, dataset: DataSet, row: int) -> None:
    """One image, its reconstruction, and its code as bars: each dimension in standard deviations from the mean."""
    model, known = model_cache.opened(ref, dataset), bank(ref, dataset)
    image = dataset.splits["validation"].x[row][None]
    z = model.embed(image)
    drawn, error = latents.reconstruct(model, image, z)
    left, right = st.columns([1, 3], gap="medium")
    with left:
        pair = np.concatenate([latents.shown(model, image), drawn])
        pictures.strip(pair, [f"image {row}", f"error {error[0]:.4f}"], 88, ["image", "reconstruction"])
    with right:
        found = dimensions(ref, dataset)
        most = found.order[:BARS]
        deviation = np.maximum(known.codes.std(0), 1e-12)
        bars = ((z[0] - known.codes.mean(0)) / deviation)[most]
        figure = figures.bars({"code": bars}, [str(i) for i in most], "standard deviations", height=200)
        figure.update_traces(marker={"color": figures.PRIMARY}).update_xaxes(title="latent dimension")
        alt = f"The code of image {row}: standard deviations from the mean of the {len(most)} dimensions that tell most"
        figures.show(figure, "code", alt, tools=False)


def reconstructed(ref: str, dataset: DataSet, order: str = "sample", errors: bool = False) -> None:
    """Images above their reconstructions, and on request the error of each."""
    rows, _ = bank(ref, dataset)
    x, images, error, _ = _reconstructed(ref, dataset.name, model_cache.stamp(ref, dataset), dataset)
    y = dataset.splits["validation"].y[rows]
    at = _order(error, y, order)[:ACROSS]
    names = [f"{dataset.classes[y[i]]}, validation image {rows[i]}" for i in at]
    alts = {"image": names, "reconstruction": [f"{name}, reconstructed" for name in names]}
    notes = {"squared error": [f"{error[i]:.4f}" for i in at]} if errors else {}
    pictures.rows({"image": x[at], "reconstruction": images[at]}, alts, notes=notes)


def _order(error: np.ndarray, y: np.ndarray, order: str) -> np.ndarray:
    """Positions: the first of each class in turn, or by error."""
    if order != "sample":
        return ordering.largest_first(error if order == "worst" else -error)
    return ordering.classes_in_turn(y)


def _against_pca(error: np.ndarray, floor: float, dimensions: int, n: int) -> str:
    mean = float(error.mean())
    better = "lower than" if mean < 0.95 * floor else "higher than" if mean > 1.1 * floor else "equal to"
    return (
        f"Reconstruction error **{mean:.4f}** with {dimensions} latent dimensions, **{better} that of the best linear "
        f"code**: PCA reaches {floor:.4f} on the same {n:,} images."
    )


# --------------------------------------------------------------------------------------- latent traversals


def traversals(ref: str, dataset: DataSet, row: int) -> str:
    """What each latent dimension changes, around one image, the one that tells most first; returns it in words."""
    model, known, x = model_cache.opened(ref, dataset), bank(ref, dataset), dataset.splits["validation"].x
    found = dimensions(ref, dataset)
    shown = found.order[:ROWS]
    result = latents.traverse(model, x[row], x[known.rows], shown, steps=11, codes=known.codes)
    named = {f"dim {i}, {told(found, i)}": images for i, images in zip(shown, result["images"], strict=True)}
    steps = np.linspace(-2, 2, 11)
    alts = {name: [f"dimension {i} at {t:+.1f} sd" for t in steps] for name, i in zip(named, shown, strict=True)}
    pictures.rows(named, alts)
    most = shown[int(np.argmax(result["effect"]))]
    share = statistics.percent(float(result["effect"].max()))
    return (
        "Each row varies one latent dimension from two standard deviations below to two above, sorted by "
        f"{'their KL' if found.name == 'KL' else 'their variance'}; the middle is the reconstruction itself. "
        f"**Dimension {most} changes the image most** (mean change of a pixel: {share}). {dead(found)}"
    )


def dimensions(ref: str, dataset: DataSet) -> latents.Dimensions:
    """How much each dimension tells."""
    return _dimensions(ref, model_cache.stamp(ref, dataset), dataset)


@st.cache_data(show_spinner=False, max_entries=16)
def _dimensions(ref: str, stamp: str, _dataset: DataSet) -> latents.Dimensions:
    known = bank(ref, _dataset)
    x = np.asarray(_dataset.splits["validation"].x[np.sort(known.rows)])
    return latents.dimensions(model_cache.opened(ref, _dataset), x, known.codes)


def told(found: latents.Dimensions, i: int) -> str:
    """What one dimension tells, in a few words."""
    return f"{found.name} {messages.number(float(found.values[i]), 2)}" + (" (dead)" if found.dead[i] else "")


def dead(found: latents.Dimensions) -> str:
    """Which dimensions are dead, in a sentence."""
    names, n = [str(i) for i in np.flatnonzero(found.dead)], len(found.dead)
    if not names:
        return f"All {n} dimensions are in use." if n > 1 else ""
    if len(names) > 12:
        return f"**{len(names)} of {n} dimensions are dead.**"
    if len(names) == n:
        return f"**All {n} dimensions are dead**: the code has collapsed."
    return f"**Dead: dimension{'s' if len(names) > 1 else ''} {', '.join(names)}** of {n}, which tell nothing."


def plane(ref: str, dataset: DataSet) -> None:
    """A latent space of two dimensions is a map: the images at their codes beside a grid of decoded codes."""
    model, known = model_cache.opened(ref, dataset), bank(ref, dataset)
    decoded, (low, high) = latents.plane(model, known.codes, side := 13)
    left, right = st.columns(2, gap="medium")
    with left:
        y = dataset.splits["validation"].y[known.rows]
        figure = figures.scatter(known.codes, y, dataset.classes, known.rows, size=5, height=470)
        figure.update_xaxes(range=[low[0], high[0]]).update_yaxes(range=[low[1], high[1]], scaleanchor=None)
        figures.show(
            figure, f"plane-{dataset.name}", f"Latent codes of {len(y):,} images of {dataset.title}, coloured by class"
        )
    with right:
        alt = "The decoded image at each point of a grid over the latent space"
        pictures.picture(pictures.mosaic(decoded, side, 0), alt, "decoded on a grid", "min(100%, 450px)")


def provenance(ref: str, dataset: DataSet, **more: object) -> None:
    """Where a figure of this page comes from."""
    run, known = model_cache.trained(ref), bank(ref, dataset)
    messages.provenance(
        data=f"{dataset.title}, validation", model=model_cache.title(ref, dataset.name),
        step=_step(ref), seed=run.spec.seed if run else None, images=f"{len(known.rows):,}", **more,
    )  # fmt: skip


def _step(ref: str) -> int | None:
    """The step of the weights that a reference names; None without a training, and where it is not recorded."""
    model = ModelRef.parse(ref)
    run = model.run
    if run is None or model.which == "0":
        return None if run is None else 0
    if model.which != "best":
        return run.status.step
    path = run.newest_weights("best")
    return int(path.parent.name) if path and path.parent.name.isdigit() else None
