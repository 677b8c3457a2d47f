"""The first picture: the map of a model that comes with the project, from the untrained network to the trained one."""

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation import statistics
from explorer.evaluation import unfolding as layouts
from pages.ui.kit import messages, pictures, unfolding

TILE, SHOWN = 22, 400  # pixels of a picture on the map; pictures


def chosen() -> runs.Run | None:
    """The shipped model without labels that gains most over raw pixels, of those whose images are on this machine."""
    stored = [run for run in runs.listing("train") if run.shipped and (run.folder / layouts.FILE).exists()]
    return max((run for run in stored if _gain(run) is not None), key=_gain, default=None)


def _gain(run: runs.Run) -> float | None:
    """By how much kNN accuracy is above that of raw pixels; None where that cannot be said, or labels were used."""
    scores, entry = run.scores() or {}, data.catalogue().get(run.spec.dataset)
    pixels = scores.get("references", {}).get("Raw pixels", {}).get("knn")
    if pixels is None or entry is None or not entry.available or run.spec.method == "supervised":
        return None
    return scores["knn"] - pixels


@st.cache_data(show_spinner=False, max_entries=4)
def _opened(id: str) -> layouts.Unfolding:
    known = layouts.read(runs.get(id).folder)
    return known._replace(coords=known.coords[:, :SHOWN], rows=known.rows[:SHOWN])


def show(run: runs.Run) -> None:
    """The map, moving, and where it comes from."""
    dataset, it = data.load(run.spec.dataset), _opened(run.id)
    words = f"{len(it.rows)} images of {dataset.title} on a map by t-SNE, from the untrained network to the trained one"
    unfolding.show(it.coords, _tiles(dataset, it.rows), it.steps, words, key=f"unfolding-{run.id}")
    messages.provenance(
        data=f"{dataset.title}, validation", model=run.title, seed=run.spec.seed, n=len(it.rows), map="t-SNE"
    )


def _tiles(dataset: DataSet, rows: np.ndarray) -> np.ndarray:
    """Small tiles [N, 4, h, w]: grey images as ink in the colour of their class, colour images as they are."""
    split = dataset.splits["validation"]
    x = split.x[rows]
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, split.y[rows]), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)


def lead(run: runs.Run) -> str:
    """What the map shows, in two sentences of Markdown."""
    scores = run.scores() or {}
    untrained, pixels = (scores["references"].get(name, {}).get("knn") for name in ("Untrained", "Raw pixels"))
    n = scores["n_test"]
    shown = [statistics.percent(it, n) for it in (scores["knn"], untrained or 0, pixels or 0)]
    before = f" (untrained network {shown[1]}, raw pixels {shown[2]})" if untrained and pixels else ""
    return (
        f"**{run.title}**: similar images move together. Without labels, **kNN accuracy is {shown[0]}**{before} on "
        f"{n:,} test images."
    )
