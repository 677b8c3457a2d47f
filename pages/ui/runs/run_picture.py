"""A run as one small picture: what it reconstructs, else a map made of its images. numpy alone, from stored frames."""

import numpy as np
import streamlit as st

from explorer import Refused, data, runs
from explorer.runs import Run
from explorer.tasks import request
from explorer.tasks.stories import replayed
from explorer.tasks.stories.replayed import Source
from pages.ui.kit import pictures
from pages.ui.runs import frames, ownership

WIDTH, HEIGHT, TILE, POINTS = 460, 200, 20, 260  # pixels of a map, of one image on it; images
PAIRS = 5  # images of a strip


def show(run: Run, how: str | None = None) -> bool:
    """Draw the picture of a run, by its stored map `how` where there is one; False if there is nothing to draw yet."""
    steps, known = run.frames(), _source(run)
    if not steps or known is None:
        return False
    stored = _stored(run, how) if how and known.dataset else None
    pictures.picture(*(_of_map(stored.id) if stored else _drawn(run.id, steps[-1], frames.version_of(known))))
    return True


def _source(run: Run) -> Source | None:
    """Where the pictures of a run come from; None where there are none, or it would take long to make them."""
    name, size = run.spec.dataset, run.spec.train.get("size") or 0
    try:
        dataset = data.ready(name, size)  # a small picture is not worth decoding a whole set of photographs
        if dataset is None and data.catalogue()[name].kind == "embedded":
            dataset = data.load(name, size)
    except (Refused, KeyError):  # its data are not on this machine
        dataset = None
    known = replayed.source_of(run, dataset and replayed.own(run, dataset))
    return known if known is None or known.dataset is None or known.dataset.modality == "image" else None


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
def _drawn(id: str, step: int, version: str) -> tuple[np.ndarray, str]:
    run = runs.get(id)
    frame, known = run.frame(step), _source(run)
    if known is None:
        raise Refused(f"the images of {id} are not on this machine any more: load the page again")
    gallery = {name: value for name, value in frame.items() if name.startswith("gallery_")}
    if gallery:
        return _pairs(frame, gallery, known), f"Images of {known.title} and what {run.title} makes of them"
    coords = frames.coordinates(id, step, step)
    return _map(frame, coords, known), f"Images of {known.title} where {run.title} puts them"


def _pairs(frame: dict[str, np.ndarray], gallery: dict[str, np.ndarray], known: Source) -> np.ndarray:
    """Images above what the network makes of them."""
    rows = [known.pictures(frame["rows"][:PAIRS].astype(int))]
    rows += [pictures.whole(images[:PAIRS])[:, :3] for images in gallery.values()]
    return pictures.mosaic(np.concatenate([_same(each, rows[-1].shape[-1]) for each in rows]), PAIRS)


def _same(images: np.ndarray, px: int) -> np.ndarray:
    """Images of three colours and `px` pixels."""
    colour = np.broadcast_to(images, (len(images), 3, *images.shape[2:])) if images.shape[1] == 1 else images[:, :3]
    return np.stack([pictures.sized(np.ascontiguousarray(image), px) for image in colour])


def _map(frame: dict[str, np.ndarray], coords: np.ndarray, known: Source) -> np.ndarray:
    """The images of a frame at their places on the page of the run."""
    rows, y = frame["rows"].astype(int)[:POINTS], frame["y"].astype(int)[:POINTS]
    return pictures.scatter(_tiles(known.pictures(rows), y), coords[:POINTS], WIDTH, HEIGHT)


def _tiles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)
