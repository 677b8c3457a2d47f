"""Inside a code: drawings beside the originals, the way between two images, each number alone. Imports torch."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer.core import Method
from explorer.data import DataSet
from explorer.evaluation import latents
from explorer.methods import METHODS
from explorer.models.model import Model
from pages.ui.kit import figures, image_picker, messages, pictures
from pages.ui.runs import model_cache, pickers

PATIENCE, CHUNK = 0.4, 50  # seconds that embedding the bank may take, images at a time
ACROSS, OFFERED, NUMBERS, ROWS = 12, 7, 32, 10  # images in a row, to choose from; longest code taken apart, rows of it
ORDERS = {"sample": "One of each class", "worst": "Worst", "best": "Best"}
NAMES = {"decoded": "through the code", "nearest": "nearest images"}


class Bank(NamedTuple):
    """Probe images and their codes."""

    rows: np.ndarray  # [N], of validation
    codes: np.ndarray  # [N, D]


def drawing(dataset: str) -> str:
    """The first model of the list that can draw."""
    for ref in pickers.models(dataset):
        run = model_cache.trained(ref)
        method = METHODS.get(run.spec.method) if run and run.spec.dataset == dataset else None
        if method and method.decode is not Method.decode:
            return ref
    return "pca"


def bank(ref: str, found: DataSet) -> Bank:
    """The codes of as many probe images as can be embedded while a visitor waits, at most 1,000."""
    return _bank(ref, found.name, model_cache.stamp(ref, found), found)


@st.cache_data(show_spinner=False, max_entries=16)
def _bank(ref: str, dataset: str, stamp: str, _found: DataSet) -> Bank:
    model, images = model_cache.opened(ref, _found), _found.splits["validation"].x
    rows = np.random.default_rng(0).permutation(_found.probe()[0])
    codes, start = [], time.perf_counter()
    for i in range(0, len(rows), CHUNK):
        codes.append(model.embed(images[np.sort(rows[i : i + CHUNK])]))
        if time.perf_counter() - start > PATIENCE:
            break
    codes = np.concatenate(codes)
    rows = np.concatenate([np.sort(rows[i : i + CHUNK]) for i in range(0, len(codes), CHUNK)])
    return Bank(rows, codes)


# ----------------------------------------------------------------------------------------- reconstructions


@st.cache_data(show_spinner=False, max_entries=8)
def _drawn(ref: str, dataset: str, stamp: str, _found: DataSet) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Originals, drawings, errors, and the least error of a linear code of the same size."""
    model, known = model_cache.opened(ref, _found), bank(ref, _found)
    x = _found.splits["validation"].x[known.rows]
    drawn, error = latents.reconstruct(model, x, known.codes)
    x = latents.shown(model, x)
    return x, drawn, error, latents.linear_floor(x, known.codes.shape[1])


def reconstructions(ref: str, found: DataSet, order: str) -> str:
    """Originals beside drawings; returns what to look for."""
    rows, codes = bank(ref, found)
    x, drawn, error, floor = _drawn(ref, found.name, model_cache.stamp(ref, found), found)
    y = found.splits["validation"].y[rows]
    at = _order(error, y, order)[:ACROSS]
    names = [f"{found.classes[y[i]]}, validation image {rows[i]}" for i in at]
    alts = {"image": names, "drawn again": [f"{name}, drawn again" for name in names]}
    shown = {"image": x[at], "drawn again": drawn[at]}
    pictures.rows(shown, alts, notes={"error": [f"{error[i]:.4f}" for i in at]})
    return _worth(error, floor, codes.shape[1], len(rows))


def _order(error: np.ndarray, y: np.ndarray, order: str) -> np.ndarray:
    """Positions: the first of each class in turn, or by error."""
    if order != "sample":
        return np.argsort(-error if order == "worst" else error, kind="stable")
    turn = np.empty(len(y), np.int64)
    for label in np.unique(y):
        turn[y == label] = np.arange((y == label).sum())
    return np.lexsort((y, turn))


def _worth(error: np.ndarray, floor: float, numbers: int, n: int) -> str:
    mean = float(error.mean())
    text = f"{numbers} numbers for each image draw it again with a squared error of **{mean:.4f}** per pixel. "
    rival = f"the best linear code of that size, made for these very {n:,} images, would leave {floor:.4f}"
    if mean < 0.95 * floor:
        return f"{text}**No linear code could do that**: {rival}."
    if mean > 1.1 * floor:
        return f"{text}**Look for what all drawings have lost**: {rival}."
    return f"{text}**It is as good as linear**: {rival}."


# --------------------------------------------------------------------------------------------- between two


def ends(found: DataSet, seed: int) -> tuple[int, int]:
    """Two images to start with, of different classes, from the probe set."""
    rng, rows = np.random.default_rng([seed, 7]), found.probe()[0]
    y = found.splits["validation"].y[rows]
    a = int(rng.choice(len(rows)))
    others = np.flatnonzero(y != y[a])
    return int(rows[a]), int(rows[rng.choice(others if len(others) else len(rows))])


def offer(key: str, label: str, found: DataSet, chosen: int, seed: int, on_choose: Callable[[int], None]) -> None:
    """A few images to choose one end from; the chosen one is always among them."""
    images, rows = found.splits["validation"], found.probe()[0]
    some = np.random.default_rng([seed, ord(key[-1])]).choice(rows, min(OFFERED, len(rows)), replace=False)
    some = [chosen, *(int(row) for row in some if row != chosen)][:OFFERED]
    some.sort(key=lambda row: images.y[row])
    names = {row: f"validation image {row}: {found.classes[images.y[row]]}" for row in some}
    image_picker.tray(key, label, pictures.thumbs(found, "validation"), names, chosen, on_choose)


def way(ref: str, found: DataSet, a: int, b: int, steps: int) -> dict[str, Any]:
    """The way from image a to image b."""
    known, x = bank(ref, found), found.splits["validation"].x
    return latents.interpolate(model_cache.opened(ref, found), x[a], x[b], steps, x[known.rows], known.codes)


def show_way(made: dict[str, Any], ref: str, found: DataSet, a: int, b: int) -> None:
    """Both rows of pictures, and how far from real images each lies."""
    known, y = bank(ref, found), found.splits["validation"].y
    name, steps = NAMES[made["how"]], len(made["path"])
    alts = [f"{i / (steps - 1):.0%} of the way" for i in range(steps)]
    if made["how"] == "nearest":
        rows = [a, *known.rows[made["nearest"][1:-1]], b]
        alts = [f"{word}: image {row}, {found.classes[y[row]]}" for word, row in zip(alts, rows, strict=True)]
    pictures.rows({name: made["path"], "blend of pixels": made["pixels"]}, {name: alts})
    share = np.linspace(0, 1, steps)
    series = {name: (share, made["off_manifold"]), "blend of pixels": (share, made["off_manifold_pixels"])}
    usual = {"chance": 1.0, "chance_label": "between neighbours"}
    figure = figures.curves(series, "share of the way", "distance", **usual, height=190)
    figure.update_yaxes(rangemode="tozero")
    figures.show(figure, "off-manifold", "Distance to the nearest real code along both ways, in usual distances")


def on_the_way(made: dict[str, Any], model: Model) -> str:
    """What to look for between two images."""
    code, blend = (round(float(made[name][1:-1].mean()), 2) for name in ("off_manifold", "off_manifold_pixels"))
    text = ""
    if made["how"] == "nearest":
        text = (
            f"**{model.title} cannot draw**: the upper row shows the real images whose codes come nearest to the line "
            "between the two. "
        )
    closer = "nearer to what is real than" if code < 0.95 * blend else "as far from what is real as"
    closer = "farther from what is real than" if code > 1.05 * blend else closer
    return (
        f"{text}Along the way, the code is on average {code:.2f} and that of the blend {blend:.2f} times as far from "
        f"the nearest real image as these are from each other: **the way through the code is {closer} the blend**."
    )


# ---------------------------------------------------------------------------------------- number by number


def numbers(ref: str, found: DataSet, row: int) -> str:
    """What each number of the code draws, around one image; returns what to look for."""
    model, known, x = model_cache.opened(ref, found), bank(ref, found), found.splits["validation"].x
    made = latents.traverse(model, x[row], x[known.rows], steps=11, codes=known.codes)
    order = np.argsort(-made["effect"], kind="stable")
    named = {f"number {i}, sd {made['sd'][i]:.2g}": made["images"][i] for i in order[:ROWS]}
    alts = {name: [f"{name.partition(',')[0]} at {t:+.1f} sd" for t in np.linspace(-2, 2, 11)] for name in named}
    pictures.rows(named, alts)
    first, last = order[0], order[-1]
    idle = int((made["effect"] < 0.1 * made["effect"][first]).sum())
    more = f" {idle} of them do next to nothing." if idle else ""
    return (
        "Each row moves one number of the code by two standard deviations down and up; the middle is the image itself. "
        f"**Number {first} changes the drawing most** (a pixel by {made['effect'][first]:.0%} on average), "
        f"number {last} least ({made['effect'][last]:.0%}).{more}"
    )


def plane(ref: str, found: DataSet) -> None:
    """A code of two numbers is a map by itself: the images at their codes, and what is drawn all over it."""
    model, known = model_cache.opened(ref, found), bank(ref, found)
    drawn, (low, high) = latents.plane(model, known.codes, side := 13)
    left, right = st.columns(2, gap="medium")
    with left:
        y = found.splits["validation"].y[known.rows]
        figure = figures.scatter(known.codes, y, found.classes, known.rows, size=5, height=470)
        figure.update_xaxes(range=[low[0], high[0]]).update_yaxes(range=[low[1], high[1]], scaleanchor=None)
        figures.show(figure, f"plane-{found.name}", f"Codes of {len(y):,} images of {found.title}, coloured by class")
    with right:
        alt = "What the model draws at each place of the plane"
        pictures.picture(
            pictures.mosaic(drawn, side, 0), alt, "drawn from the code at the same place", "min(100%, 450px)"
        )


def provenance(ref: str, found: DataSet, **more: object) -> None:
    """Where a figure of this page comes from."""
    run, known = model_cache.trained(ref), bank(ref, found)
    messages.provenance(
        data=f"{found.title}, validation", model=model_cache.title(ref, found.name),
        step=run.status.step if run and not ref.endswith("@0") else None,
        seed=run.spec.seed if run else None, images=f"{len(known.rows):,}", **more,
    )  # fmt: skip
