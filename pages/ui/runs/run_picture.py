"""A run as one small picture: what it reconstructs, else a map made of its images. numpy alone, from stored frames."""

import numpy as np
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.runs import Run
from explorer.tasks import request
from pages.ui.kit import pictures
from pages.ui.runs import frames, ownership

WIDTH, HEIGHT, TILE, POINTS = 460, 200, 20, 260  # pixels of a map, of one image on it; images
PAIRS = 5  # images of a strip


def show(run: Run, how: str | None = None) -> bool:
    """Draw the picture of a run, by its stored map `how` where there is one; False if there is nothing to draw yet."""
    if not run.frames() or not _has_images(run):
        return False
    stored = _stored(run, how) if how else None
    pictures.picture(*(_of_map(stored.id) if stored else _drawn(run.id, run.frames()[-1])))
    return True


def _has_images(run: Run) -> bool:
    try:
        dataset = data.ready(run.spec.dataset)  # a small picture is not worth decoding a whole set of photographs
        if dataset is None and data.catalogue()[run.spec.dataset].kind == "embedded":
            dataset = data.load(run.spec.dataset)
    except (Refused, KeyError):  # its data are not on this machine
        return False
    return dataset is not None and dataset.modality == "image"


def _stored(run: Run, how: str) -> Run | None:
    """The map of a model that is stored."""
    found = ownership.find(runs.address(request.request("map", run.id, run.spec.dataset, how=how)))
    return found if found and found.status.state == "done" else None


@st.cache_data(show_spinner=False, max_entries=32)
def _of_map(id: str) -> tuple[np.ndarray, str]:
    stored, spec = runs.get(id).result(), runs.get(id).spec
    dataset = data.load(spec.dataset)
    rows, images = stored["rows"].astype(int)[:POINTS], dataset.splits["validation"]
    drawn = pictures.scatter(_tiles(images.x[rows], images.y[rows]), stored["coords"][:POINTS], WIDTH, HEIGHT)
    return drawn, f"Images of {dataset.title} on a map of {spec.model}"


@st.cache_data(show_spinner=False, max_entries=64)
def _drawn(id: str, step: int) -> tuple[np.ndarray, str]:
    run = runs.get(id)
    frame, dataset = run.frame(step), data.load(run.spec.dataset)
    gallery = {name: value for name, value in frame.items() if name.startswith("gallery_")}
    if gallery:
        return _pairs(frame, gallery, dataset), f"Images of {dataset.title} and what {run.title} makes of them"
    coords = frames.coordinates(id, step, step)
    return _map(frame, coords, dataset), f"Images of {dataset.title} where {run.title} puts them"


def _pairs(frame: dict[str, np.ndarray], gallery: dict[str, np.ndarray], dataset: DataSet) -> np.ndarray:
    """Images above what the network makes of them."""
    rows = [dataset.splits["validation"].x[frame["rows"][:PAIRS].astype(int)]]
    rows += [pictures.whole(images[:PAIRS])[:, :3] for images in gallery.values()]
    return pictures.mosaic(np.concatenate([_same(each, rows[-1].shape[-1]) for each in rows]), PAIRS)


def _same(images: np.ndarray, px: int) -> np.ndarray:
    """Images of three colours and `px` pixels."""
    colour = np.broadcast_to(images, (len(images), 3, *images.shape[2:])) if images.shape[1] == 1 else images[:, :3]
    return np.stack([pictures.sized(np.ascontiguousarray(image), px) for image in colour])


def _map(frame: dict[str, np.ndarray], coords: np.ndarray, dataset: DataSet) -> np.ndarray:
    """The images of a frame at their places on the page of the run."""
    images, rows = dataset.splits["validation"], frame["rows"].astype(int)[:POINTS]
    return pictures.scatter(_tiles(images.x[rows], images.y[rows]), coords[:POINTS], WIDTH, HEIGHT)


def _tiles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)
