"""One image: what is known of it, and its nearest in the space beside its nearest on a map."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.evaluation import map_neighbours, neighbours
from explorer.evaluation.projections import PROJECTIONS
from pages.ui.kit import figures, image_picker, messages, pictures, url_notices
from pages.ui.sections import embeddings
from pages.ui.sections.embeddings import Map

NEAR = 10  # neighbours shown
POINT = "point"  # in the address: the chosen row


def set_point(row: int) -> None:
    """Another image is chosen."""
    st.query_params[POINT] = str(int(row))


def chosen(projection: Map, clicked: int | None) -> int:
    """The row in question: just clicked or found, named by the address, or a typical one."""
    if clicked is not None:
        set_point(clicked)
    asked = st.query_params.get(POINT, "")
    if asked.isdecimal() and int(asked) in projection.rows:
        return int(asked)
    row = typical(projection)
    if asked:
        url_notices.note(POINT, asked, f"image {row}")
    return row


def typical(projection: Map) -> int:
    """The first row whose share of neighbours of its class is the median."""
    share = neighbours.label_agreement(projection.y, projection.neighbours)
    median = np.sort(share)[(len(share) - 1) // 2]
    return int(projection.rows[share == median].min())


def position(projection: Map, row: int) -> int:
    """Where a row stands among the points of a map."""
    return int(np.flatnonzero(projection.rows == row)[0])


def marks(projection: Map, row: int, lit: Sequence[int] | np.ndarray | None) -> figures.Marks:
    """The rings of an image on a map: around it and its nearest in the space; squares around those near here only."""
    if row not in projection.rows:
        return figures.Marks(lit=lit)
    at = position(projection, row)
    near, here = projection.neighbours[at][:NEAR], projection.agreement().on_map[at][:NEAR]
    only = here[~np.isin(here, near)]
    return figures.Marks(row, projection.rows[near], projection.rows[only], lit)


def show(maps: Mapping[str, Map], how: str, row: int, dataset: DataSet) -> None:
    """An image, its nearest in the space, and those on one map; a click on any of them chooses it."""
    projection = maps[how]
    at = position(projection, row)
    near = projection.neighbours[at][:NEAR]
    _head(projection, at, row, dataset)
    if not len(near):
        messages.caption("It has no neighbours: it is the only point.")
        return
    here = projection.agreement().on_map[at][: len(near)]
    kept, title = int(np.isin(here, near).sum()), PROJECTIONS[how].title
    messages.prose(f"**Nearest in the space**; dashed: not near on the {title} map")
    _row("near-space", "Nearest in the space", projection, near, near[~np.isin(near, here)], row, dataset)
    messages.prose(f"**Nearest on the {title} map**: {kept} of {len(near)} are the same; dashed: not near in the space")
    _row("near-map", f"Nearest on the {title} map", projection, here, here[~np.isin(here, near)], row, dataset)


def _head(projection: Map, at: int, row: int, dataset: DataSet) -> None:
    name, one = dataset.classes[projection.y[at]], data.DISPLAYS[dataset.modality].one
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="point"):
        with st.container(width="content"):
            picture = data.thumbnails(dataset, projection.split, [row])[0]
            pictures.picture(picture, f"{projection.split} {one} {row}: {name}", width="84px")
        messages.prose(f"**{messages.plain(name)}**, image {row}  \n{_vote(projection, at, dataset)}")
    factors = {name: values[row] for name, values in dataset.splits[projection.split].factors.items()}
    if factors:
        parts = (
            f"{name} {value:.3g}" if isinstance(value, np.floating) else f"{name} {value}"
            for name, value in factors.items()
        )
        messages.caption(" · ".join(messages.plain(part) for part in parts))


def _vote(projection: Map, at: int, dataset: DataSet) -> str:
    """What the classes of its neighbours say."""
    near = projection.neighbours[at][:NEAR]
    if not len(near):
        return "no neighbours"
    same = int((projection.y[near] == projection.y[at]).sum())
    words = f"{same} of its {len(near)} nearest neighbours share its class"
    voted = map_neighbours.vote(projection.y, near[None])[0]
    if voted == projection.y[at]:
        return words
    return f"{words}; kNN takes it for **{messages.plain(dataset.classes[voted])}**"


def _row(key: str, label: str, projection: Map, at: np.ndarray, odd: np.ndarray, row: int, dataset: DataSet) -> None:
    """Images in the order of their distance; those that the other list lacks wear a dashed frame."""
    rows = projection.rows[at].tolist()
    apart = set(projection.rows[odd].tolist())
    other = "not near in the space" if key == "near-map" else "not near on the map"
    alts = {
        each: f"neighbour {i}: {dataset.classes[projection.y[place]]}, image {each}"
        + (f", {other}" if each in apart else "")
        for i, (each, place) in enumerate(zip(rows, at, strict=True), 1)
    }
    url = pictures.thumbs(dataset, projection.split)
    image_picker.tray(key, label, url, alts, row, set_point, marked=apart, wrap=True)


def best(maps: Mapping[str, Map], focus: str | None) -> str:
    """The map whose neighbours stand beside those of the space: the one that is enlarged, else the most trustworthy."""
    return focus if focus in maps else embeddings.leaders(maps)[0]
