"""What the points of a map are coloured by: their class, what is known of each image, what the map does to it."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import map_neighbours, neighbours, ordering, typical
from pages.ui.kit import url_state
from pages.ui.kit.palette import COLOURS
from pages.ui.kit.point_map import Colouring
from pages.ui.sections.embeddings import Map

CYCLIC = ("hue", "background")  # factors of the drawn shapes: a hue has no first and no last value
FACTOR = "factor."  # before the name of a column that came with the data
MOST = 2 * len(COLOURS)  # categories that colour and symbol tell apart
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
    """The place where what a map stores of its distortion will enter, too."""
    lost = 1 - projection.agreement().kept
    return Colouring("share of nearest neighbours lost on this map", lost, span=(0.0, 1.0))


PAINTS: Mapping[str, tuple[str, Paint]] = {
    "class": ("class", _by_class),
    "correct": ("kNN: correct or wrong", _correct),
    "agreement": ("neighbours of its class", _agreement),
    "lost": ("distortion: neighbours lost", _lost),
}


def offered(projection: Map | None, dataset: DataSet) -> dict[str, str]:
    """What can be chosen, by its word in the address: a column of the data or of the map is one more choice."""
    choices = {name: title for name, (title, _) in PAINTS.items()}
    if projection is None:
        return choices
    columns = {**dataset.splits[projection.split].factors, **projection.more}
    return choices | {f"{FACTOR}{name}": name.replace("_", " ") for name in columns}


def choose(projection: Map | None, dataset: DataSet) -> str:
    """Let the visitor choose."""
    choices = offered(projection, dataset)
    return url_state.choice(st.selectbox, "Colour by", list(choices), key="colour", format_func=choices.get)


def of(name: str, projection: Map, dataset: DataSet) -> Colouring:
    """The colouring of this name."""
    if not name.startswith(FACTOR):
        return PAINTS[name][1](projection, dataset)
    column = name.removeprefix(FACTOR)
    values = projection.more.get(column)
    if values is None:
        values = np.asarray(dataset.splits[projection.split].factors[column])[projection.rows]
    title = column.replace("_", " ")
    if values.ndim == 1 and typical.is_number(values):
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
