"""Trainings that take about a minute on two processor cores, each a link to the filled form of a new training."""

from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.runs import Spec
from pages.ui.kit import forms, messages, pictures, url_state


class Preset(NamedTuple):
    """A filled form, and what to watch for."""

    title: str
    text: str
    method: str
    dataset: str
    hyperparameters: dict[str, Any]
    train: dict[str, Any]

    def spec(self) -> Spec:
        """The training itself. This imports torch."""
        from explorer.tasks.training import request

        return request.train(self.method, self.dataset, self.hyperparameters, self.train)


PRESETS = (
    Preset(
        "Contrastive learning",
        "SimCLR attracts two views of one drawing and sees no labels. Do the shapes form clusters?",
        "simclr", "shapes",
        {"crop": 0.4, "jitter": 1.0, "grey": 0.8, "temperature": 0.2}, {"epochs": 40, "batch": 128},
    ),
    Preset(
        "Reconstruction",
        "An autoencoder encodes each garment in ten latent dimensions and decodes it again. What is lost?",
        "autoencoder", "garments", {}, {"epochs": 30},
    ),
    Preset(
        "Photographs",
        "SimCLR attracts two crops of one photograph and sees no labels. Do the classes form clusters?",
        "simclr", "cifar10", {}, {"epochs": 1},
    ),
    Preset(
        "Collapse",
        "An ablation: BYOL without predictor and momentum encoder maps all images to one point. Compare a control run.",
        "byol", "digits", {"predictor": False, "momentum": 0.0, "crop": 0.4, "flip": 0.0}, {"epochs": 30, "batch": 128},
    ),
    Preset(
        "Two latent dimensions",
        "An autoencoder with two latent dimensions: its latent space can be drawn as a map.",
        "autoencoder", "digits", {"latent": 2}, {"epochs": 150},
    ),
    Preset(
        "Supervised reference",
        "A classifier of drawn shapes: its labels depend on the outline alone, not on colour or position.",
        "supervised", "shapes", {}, {"epochs": 6},
    ),
)  # fmt: skip
SHOWN = 4


def ready() -> list[Preset]:
    """The presets whose data are on this machine."""
    entries = data.catalogue()
    return [preset for preset in PRESETS if preset.dataset in entries and entries[preset.dataset].available]


def cards() -> None:
    """The first presets that are ready, but for the one that has a button of its own."""
    entries, some = data.catalogue(), ready()[1 : 1 + SHOWN]
    with st.grid(len(some), min_column_width=230, gap="small"):
        for preset in some:
            card(preset, entries[preset.dataset])


def card(preset: Preset, entry: data.Entry) -> None:
    """A card with samples of the data, what happens, and the link."""
    with st.container(border=True, height="stretch", key=f"preset-{preset.method}-{preset.dataset}"):
        with suppress(Refused):
            pictures.strip(_samples(entry), px=34, alt=f"sample of {entry.title}", gap=4, nowrap=True)
        messages.prose(f"**{preset.title}**  \n{preset.text}")
        query = forms.query(preset.method, preset.hyperparameters) | forms.query(f"{preset.method}.train", preset.train)
        form = {"data": preset.dataset, "method": preset.method, **query}
        url_state.link("new", f"Train on {messages.plain(entry.title)}", "play_circle", **form)


def _samples(entry: data.Entry, n: int = 6) -> np.ndarray:
    """The first image of each of the first classes [n, C, H, W]; `Refused` if that would take long."""
    split = data.load(entry.name, progress=None if entry.kind == "embedded" else _impatient).splits["validation"]
    return split.x[np.sort(np.unique(split.y, return_index=True)[1][:n])]


def _impatient(_share: float, _text: str) -> None:
    """Only a data set that must be decoded first reports progress, and the first page does not wait for that."""
    raise Refused("this data set has not been decoded yet")
