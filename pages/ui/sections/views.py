"""Several draws of a method's views of one image, and each augmentation at a strength. Importing this imports torch."""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.augment import OPERATIONS, Operation
from explorer.core import Method
from explorer.data import DataSet
from explorer.evaluation import views
from explorer.nn import Distorted
from pages.ui.kit import messages, pictures
from pages.ui.sections import train_form

DRAWS, SAMPLES, PX = 6, 5, 72  # draws of a method's views, of one operation; pixels of one sample
SHORT = {"width": "w", "height": "h", "brightness": "bright.", "saturation": "sat.", "contrast": "contr.", "sigma": "σ"}


@st.cache_data(show_spinner=False, max_entries=64)
def draws(
    name: str, hyperparameters: dict[str, Any], source: str, stamp: str, row: int, seed: int
) -> dict[str, np.ndarray]:
    """Views of one training image by caption, drawn DRAWS times; `stamp` (the data's hash) is for the cache alone."""
    return _views(name, hyperparameters, data.load(source), np.full(DRAWS, row), seed)


@st.cache_data(show_spinner=False, max_entries=64)
def batch(
    name: str, hyperparameters: dict[str, Any], source: str, stamp: str, rows: tuple[int, ...], seed: int
) -> dict[str, np.ndarray]:
    """Training images and the views of each by caption, drawn once."""
    dataset = data.load(source)
    return {
        "image": dataset.splits["train"].x[list(rows)],
        **_views(name, hyperparameters, dataset, np.array(rows), seed + 1),
    }


def _views(
    name: str, hyperparameters: dict[str, Any], dataset: DataSet, rows: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    images = dataset.splits["train"]
    preview = views.preview(name, hyperparameters, images.x[rows], seed, images.y[rows], train_form.spec(dataset), rows)
    return {caption.replace("_", " "): pictures.whole(view) for caption, view in preview.items()}


def show(image: np.ndarray, previews: Mapping[str, np.ndarray]) -> None:
    """The image, and its views: a row for each, a column for each draw; one column if every draw is the same."""
    left, right = st.columns([0.2, 0.8], vertical_alignment="center")
    with left:
        pictures.picture(image, "original", "original", "min(100%, 14rem)")  # does not fill a phone
    with right:
        alts = {name: [f"{name}, draw {i + 1}" for i in range(len(view))] for name, view in previews.items()}
        blank = np.zeros((DRAWS - 1, 4, 1, 1), np.uint8)
        pictures.rows({name: [view[0], *blank] if fixed(previews) else view for name, view in previews.items()}, alts)


def fixed(previews: Mapping[str, np.ndarray]) -> bool:
    """Whether every draw is the same."""
    return all((view == view[:1]).all() for view in previews.values())


def summary(
    method: type[Method], hyperparameters: Mapping[str, Any], previews: Mapping[str, np.ndarray], dataset: DataSet
) -> str:
    """What to look for among these views, in a sentence or two of Markdown."""
    title = method.info.title
    if not previews:
        return f"{title} gives its network no image: its views are vectors."
    if fixed(previews):
        return f"{title} uses no random augmentation: **the network sees the same image in every epoch**."
    if not issubclass(method.Config, Distorted):  # it compares no views: it asks about one
        shown = (inspect.getdoc(method.views) or "").partition("\n")[0]
        task = "pretext task" if method.info.family == "pretext" else "task"
        return f"{messages.plain(shown)} **What must a network recognise to solve this {task}?**"
    if sentence := shortcut(hyperparameters, dataset.channels):
        return sentence
    pair = "both views of an image" if len(previews) == 2 else "all views of an image"
    return f"{title} draws new views in every epoch: **the representation can keep only what {pair} have in common**."


def shortcut(hyperparameters: Mapping[str, Any], channels: int) -> str:
    """What an augmentation of these strengths allows or prevents, in a sentence; "" if nothing stands out."""
    if hyperparameters["jitter"] == 0 and channels == 3:
        return (
            "Colour jitter is off: all views keep the colours of the image, so **a colour histogram is enough to match "
            "them**, a shortcut."
        )
    if hyperparameters.get("crop") == 1:
        return (
            "Every crop is the whole image: **both views have the same outlines**, and matching those is enough, a "
            "shortcut."
        )
    if hyperparameters.get("crop", 1) < 0.1:
        return (
            "Crops may be tiny: **some pairs of views have nothing in common**, and no network can tell that they "
            "belong together."
        )
    if hyperparameters.get("flip", 0) > 0 and channels == 1:
        return (
            "Flips are on: **the network becomes invariant to mirroring**, which is wrong where left and right have a "
            "meaning, as in writing."
        )
    return ""


@st.fragment
def operation(name: str, image: np.ndarray, seed: int) -> None:
    """One augmentation: what it does, a slider, the image and draws at that strength."""
    chosen = OPERATIONS[name]
    left, right = st.columns([0.28, 0.72], gap="medium", vertical_alignment="center")
    grey = len(image) == 1
    with left:
        st.markdown(f"**{chosen.title}**")
        if not (grey and chosen.needs_colour):
            strength = _strength(name, chosen)
    with right, messages.guard():
        if grey and chosen.needs_colour:
            st.caption("Needs colour images.")
            return
        augmented, numbers = views.operation(name, np.repeat(image[None], SAMPLES, 0), strength, seed)
        labels = ["original", *(_captions(numbers) or ["not random: always the same result"])]
        pictures.strip(np.concatenate([image[None], augmented])[: len(labels)], labels, PX, chosen.title, nowrap=True)
        if grey and "saturation" not in numbers and "brightness" in numbers:
            st.caption("Grey images have no hue or saturation: only brightness and contrast change.")


def _strength(name: str, chosen: Operation) -> float:
    low, high = float(chosen.low), float(chosen.high)
    step = 10.0 ** math.floor(math.log10((high - low) / 20))
    summary = chosen.summary[0].upper() + chosen.summary[1:]
    return st.slider(summary, low, high, float(chosen.default), step, key=f"op.{name}", bind="query-params")


def _captions(numbers: Mapping[str, Sequence[float | bool]]) -> list[str]:
    """What was drawn for each image, in a few words."""
    captions = []
    for values in zip(*numbers.values(), strict=True):
        words = (_word(name, value) for name, value in zip(numbers, values, strict=True))
        captions.append(", ".join(word for word in words if word) or "unchanged")
    return captions


def _word(name: str, value: float | bool) -> str:
    if isinstance(value, bool):
        return name if value else ""
    number = f"{value:.2f}".replace("-", "−") if isinstance(value, float) else value
    return f"{SHORT.get(name, name)}\u00a0{number}"
