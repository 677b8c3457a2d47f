"""What the points of a map are coloured by: their class, what is known of each image, what the map does to it."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import map_neighbours, neighbours, ordering, typical
from pages.ui.kit import point_ids, url_state
from pages.ui.kit.palette import COLOURS
from pages.ui.kit.point_map import Colouring
from pages.ui.sections.embeddings import Map

CYCLIC = ("hue", "background")  # factors of the drawn shapes: a hue has no first and no last value
FACTOR = "factor."  # before the name of a column that came with the data
MOST = 2 * len(COLOURS)  # categories that colour and symbol tell apart
GREY = 7  # of the palette
RIGHT, WRONG = 2, 5  # of the palette: bluish green, vermilion

Paint = Callable[[Map, DataSet], Colouring]


def _by_class(projection: Map, dataset: DataSet) -> Colouring:
    return Colouring("class", projection.y, tuple(dataset.classes))


def _correct(projection: Map, dataset: DataSet) -> Colouring:
    wrong = map_neighbours.vote(projection.y, projection.neighbours) != projection.y
    return Colouring("kNN", wrong.astype(int), ("correct", "wrong"), (RIGHT, WRONG))


def _agreement(projection: Map, dataset: DataSet) -> Colouring:
    share = neighbours.label_agreement(projection.y, projection.neighbours)
    return Colouring("share of nearest neighbours of its class", share, span=(0.0, 1.0))


def _lost(projection: Map, dataset: DataSet) -> Colouring:
    lost = 1 - projection.agreement().kept
    return Colouring("share of nearest neighbours lost on this map", lost, span=(0.0, 1.0))


def _split(projection: Map, dataset: DataSet) -> Colouring:
    parts = np.zeros(len(projection.rows), np.int64) if projection.parts is None else projection.parts
    return Colouring("split", parts, point_ids.SPLITS)


def _measured(projection: Map, kind: str, title: str) -> Colouring:
    """The share of the neighbours of each point that a map shows falsely, or misses, as its job has measured it."""
    share = np.full(len(projection.rows), np.nan)
    share[projection.more["measured"]] = projection.more[kind].mean(1)
    return Colouring(title, share, span=(0.0, 1.0))


def _false(projection: Map, dataset: DataSet) -> Colouring:
    return _measured(projection, "false", "share of its neighbours on the map that are far in the space")


def _missing(projection: Map, dataset: DataSet) -> Colouring:
    return _measured(projection, "missing", "share of its neighbours in the space that are far on the map")


def _cluster(projection: Map, dataset: DataSet) -> Colouring:
    """The clusters by size; what is in none comes last, in grey."""
    cluster = projection.more["cluster"]
    n = int(cluster.max(initial=-1)) + 1
    names = (*(f"cluster {i + 1}" for i in range(n)), "in none")
    paints = (*(i if i < GREY else i + 1 for i in range(n)), GREY)
    return Colouring("cluster", np.where(cluster < 0, n, cluster), names, paints)


PAINTS: Mapping[str, tuple[str, Paint]] = {
    "class": ("class", _by_class),
    "correct": ("kNN: correct or wrong", _correct),
    "agreement": ("neighbours of its class", _agreement),
    "lost": ("distortion: neighbours lost", _lost),
    "split": ("split", _split),
    "cluster": ("cluster", _cluster),
    "false": ("distortion: false neighbours", _false),
    "missing": ("distortion: missing neighbours", _missing),
}
ALWAYS = ("class", "correct", "agreement", "lost")  # the others where a map has more than one split, or measured them


def offered(projection: Map | None, dataset: DataSet) -> dict[str, str]:
    """What can be chosen, by its word in the address: a column of the data or of the map is one more choice."""
    stored = projection.more if projection else {}
    known = (*ALWAYS, *(name for name in ("cluster", "false", "missing") if name in stored))
    choices = {name: PAINTS[name][0] for name in known}
    if projection is None:
        return choices
    if len(list(projection.by_split())) > 1:
        choices["split"] = PAINTS["split"][0]
    return choices | {f"{FACTOR}{name}": name.replace("_", " ") for name in projection.columns(dataset)}


def choose(projection: Map | None, dataset: DataSet) -> str:
    """Let the visitor choose."""
    choices = offered(projection, dataset)
    return url_state.choice(st.selectbox, "Colour by", list(choices), key="colour", format_func=choices.get)


def of(name: str, projection: Map, dataset: DataSet) -> Colouring:
    """The colouring of this name."""
    if not name.startswith(FACTOR):
        return PAINTS[name][1](projection, dataset)
    column = name.removeprefix(FACTOR)
    values, title = projection.column(dataset, column), column.replace("_", " ")
    if typical.is_number(values):
        return Colouring(title, values.astype(float), cyclic=column in CYCLIC)
    if np.array_equal(values, projection.y):
        return _by_class(projection, dataset)._replace(title=title)
    return _categories(title, values)


def _categories(title: str, values: np.ndarray) -> Colouring:
    """Words, or a few whole numbers; of too many the most frequent keep their names."""
    names, at, counts = np.unique(values.astype(str), return_inverse=True, return_counts=True)
    if len(names) <= MOST:
        return Colouring(title, at, tuple(names))
    kept = np.sort(ordering.largest_first(counts)[: MOST - 1])
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    return Colouring(title, place[at], (*names[kept], f"{len(names) - len(kept)} others"))
