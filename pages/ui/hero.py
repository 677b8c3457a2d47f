"""The first picture: stored features of the probe images before and after a training, drawn with the images."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import data, runs
from pages.ui import pictures

WIDTH, HEIGHT, TILE, SHOWN = 760, 400, 24, 700  # pixels, pixels, pixels, images


class Hero(NamedTuple):
    """Two pictures `uint8 [4, H, W]` (or one) and where they come from."""

    before: np.ndarray | None
    after: np.ndarray
    data: str
    run: runs.Run | None


def hero() -> Hero:
    """The first shipped run that has frames; without one, the digits where their raw pixels put them."""
    for run in runs.listing("train"):
        if run.shipped and len(run.frames()) > 1:
            before, after = _pair(run.id, run.folder.stat().st_mtime)
            return Hero(before, after, data.load(run.spec.dataset).title, run)
    return Hero(None, _pixels(), data.load("digits").title, None)


@st.cache_data(show_spinner=False, max_entries=4)
def _pair(run_id: str, _changed: float) -> tuple[np.ndarray, np.ndarray]:
    run = runs.get(run_id)
    steps, images = run.frames(), data.load(run.spec.dataset).splits["validation"]
    last = run.frame(steps[-1])
    rows, y = last["rows"][:SHOWN].astype(int), last["y"][:SHOWN].astype(int)
    after = plane(last["features"])
    before = turned(plane(run.frame(steps[0])["features"]), after)
    tiles = _tiles(images.x[rows], y)
    return tuple(pictures.scatter(tiles, coords[:SHOWN], WIDTH, HEIGHT) for coords in (before, after))


@st.cache_data(show_spinner=False)
def _pixels() -> np.ndarray:
    images = data.load("digits").splits["train"]
    x = images.x[:SHOWN]
    return pictures.scatter(_tiles(x, images.y[:SHOWN]), plane(x.reshape(len(x), -1)), 2 * WIDTH, HEIGHT)


def _tiles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Small tiles [N, 4, h, w]: grey images as ink in the colour of their class, colour images as they are."""
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)


def plane(features: np.ndarray) -> np.ndarray:
    """The two directions in which features [N, D] differ most: [N, 2]."""
    centred = features.astype(np.float32) - features.astype(np.float32).mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return centred @ vectors[:, -2:]


def turned(coords: np.ndarray, model: np.ndarray) -> np.ndarray:
    """`coords` turned and mirrored to lie as `model` does: a principal axis has no sign of its own."""
    u, _, v = np.linalg.svd((coords - coords.mean(0)).T @ (model - model.mean(0)))
    return (coords - coords.mean(0)) @ u @ v
