"""The first picture: the map of a model that comes with the project, from the untrained network to the trained one."""

from operator import itemgetter

import numpy as np
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import statistics
from explorer.evaluation import unfolding as layouts
from pages.ui.kit import messages, pictures, unfolding
from pages.ui.runs import ownership

TILE, FRAME = 22, 2  # pixels of a picture on the map, of its frame


def chosen() -> runs.Run | None:
    """The shipped model without labels whose map gains most over raw pixels, of those whose images are here."""
    stored = [run for run in ownership.listing("train") if run.shipped and (run.folder / layouts.FILE).exists()]
    entries = data.catalogue()
    ready = [it for it in stored if entries[it.spec.dataset].available and it.spec.method != "supervised"]
    gains = [(gain, run) for run in ready if (gain := _gain(run)) is not None]
    return max(gains, key=itemgetter(0), default=(None, None))[1]


def _gain(run: runs.Run) -> float | None:
    """By how much the last map is ahead of the pixels; None where the map cannot be read."""
    try:
        found = _opened(run.id).agreement
    except Refused:
        return None
    return found.after - found.pixels


@st.cache_data(show_spinner=False, max_entries=64)
def _opened(id: str) -> layouts.Unfolding:
    return layouts.read(runs.get(id).folder)


def show(run: runs.Run) -> None:
    """The map, moving, and where it comes from."""
    dataset, it = data.load(run.spec.dataset), _opened(run.id)
    words = f"{len(it.rows)} images of {dataset.title} on a map by t-SNE, from the untrained network to the trained one"
    tiles = _tiles(dataset, it.rows)
    labels = [dataset.classes[y] for y in it.y]
    unfolding.show(it.coords.astype(np.float32), tiles, labels, _notes(run.id), words, key=f"unfolding-{run.id}")
    messages.caption("Each tile is an image; its frame shows its class, which the network is never told. Near = alike.")
    messages.provenance(
        data=f"{dataset.title}, validation", model=run.title, seed=run.spec.seed, n=len(it.rows), map="t-SNE"
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _notes(id: str) -> list[str]:
    """For each frame its step, and how many neighbours on the map share the class."""
    it = _opened(id)
    shares = (statistics.percent(share, len(it.rows)) for share in layouts.shares(it.coords, it.y))
    return [f"step {step:,} · {share}" for step, share in zip(it.steps, shares, strict=True)]


def _tiles(dataset: DataSet, rows: np.ndarray) -> np.ndarray:
    """Small tiles [N, 4, h, w] in the colours of their classes: grey images as ink, colour images in a frame."""
    split = dataset.splits["validation"]
    x, y = split.x[rows], split.y[rows]
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.framed(pictures.shrunk(np.concatenate([x, solid], 1), TILE - 2 * FRAME), y, FRAME)


def lead(run: runs.Run) -> str:
    """What the map shows, in a sentence of Markdown: a number that is measured on this very map."""
    found, n = _opened(run.id).agreement, len(_opened(run.id).rows)
    after, before, pixels = (statistics.percent(it, n) for it in (found.after, found.before, found.pixels))
    return (
        f"On this map **{after} of an image's {layouts.NEIGHBOURS} nearest neighbours share its class**; "
        f"before training {before}, in raw pixels {pixels}."
    )
