"""The first picture: maps of the same images by two models, drawn with the images from stored maps."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.evaluation import baselines
from pages.ui.kit import pictures

WIDTH, HEIGHT, TILE, SHOWN = 640, 350, 16, 700  # pixels, pixels, pixels, images
HOW = "tsne"


class ModelMap(NamedTuple):
    """One model's map: a picture `uint8 [4, H, W]` and where it comes from."""

    image: np.ndarray
    title: str
    knn: float  # kNN accuracy on the test images
    map: runs.Run
    model: runs.Run


def compared() -> list[ModelMap]:
    """The maps of two shipped models of the same data, the one with the higher kNN accuracy last."""
    maps = {run.spec.model: run for run in runs.listing("map") if run.shipped and run.spec.params.get("how") == HOW}
    models = [run for run in runs.listing("train") if run.shipped and run.id in maps and run.scores()]
    models = [run for run in models if run.spec.dataset == models[0].spec.dataset][:2]
    pair = [ModelMap(_drawn(maps[run.id].id), run.title, run.scores()["knn"], maps[run.id], run) for run in models]
    return sorted(pair, key=lambda each: each.knn)


@st.cache_data(show_spinner=False, max_entries=8)
def _drawn(map_id: str) -> np.ndarray:
    """A stored map as a picture."""
    run = runs.get(map_id)
    stored, images = run.result(), data.load(run.spec.dataset).splits["validation"]
    rows, coords = stored["rows"][:SHOWN], stored["coords"][:SHOWN]
    return pictures.scatter(_tiles(images.x[rows], images.y[rows]), coords, WIDTH, HEIGHT)


@st.cache_data(show_spinner=False)
def pixels() -> np.ndarray:
    """The digits by the first two principal components of their pixels: a map that needs no model."""
    images = data.load("digits").splits["train"]
    x = images.x[:SHOWN]
    return pictures.scatter(_tiles(x, images.y[:SHOWN]), baselines.pixel_pca(x), 2 * WIDTH, HEIGHT)


def _tiles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Small tiles [N, 4, h, w]: grey images as ink in the colour of their class, colour images as they are."""
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)
