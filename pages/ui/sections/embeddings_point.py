"""One image: what is known of it, and its nearest in the space beside its nearest on a map."""

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.data.vectors import store
from explorer.evaluation import map_neighbours, neighbours
from explorer.evaluation.projections import PROJECTIONS
from explorer.models.reference import ModelRef
from pages.ui.kit import figures, image_picker, messages, pictures, point_ids, url_notices, url_state
from pages.ui.sections import embeddings
from pages.ui.sections.embeddings import Map

NEAR, MOST = 10, 12  # neighbours shown; columns of the data that are said of an image
POINT = "point"  # in the address: the chosen image


def set_point(id: int) -> None:
    """Another image is chosen."""
    url_state.put(POINT, point_ids.spelled(id))


def chosen(maps: Mapping[str, Map], clicked: int | None) -> int:
    """The image in question: just clicked or found, named by the address, or a typical one of the first map."""
    if clicked is not None:
        set_point(clicked)
    asked = url_state.read(POINT)
    if (id := point_ids.read(asked)) is not None and any(id in projection.ids for projection in maps.values()):
        return id
    id = typical(next(iter(maps.values())))
    if asked:
        url_notices.note(POINT, asked, f"image {point_ids.spelled(id)}")
    return id


def typical(projection: Map) -> int:
    """The first image whose share of neighbours of its class is the median."""
    share = np.nan_to_num(neighbours.label_agreement(projection.y, projection.neighbours))  # one alone has none
    median = np.sort(share)[(len(share) - 1) // 2]
    return int(projection.ids[share == median].min())


def position(projection: Map, id: int) -> int:
    """Where an image stands among the points of a map."""
    return int(np.flatnonzero(projection.ids == id)[0])


def marks(projection: Map, id: int | None, lit: Sequence[int] | np.ndarray | None) -> figures.Marks:
    """The rings of an image on a map: around it and its nearest in the space; squares around those near here only."""
    if id is None or id not in projection.ids:
        return figures.Marks(lit=lit)
    near, here = sides(projection, position(projection, id))
    only = here[~np.isin(here, near)]
    return figures.Marks(id, projection.ids[near], projection.ids[only], lit)


def sides(projection: Map, at: int) -> tuple[np.ndarray, np.ndarray]:
    """The positions of those nearest to a point in the space, and as many nearest on the map, nearest first.

    As the job has measured them, by the distance of the map, where it has measured this point.
    """
    measured = np.flatnonzero(projection.more.get("measured", np.empty(0)) == at)
    if len(measured):
        return tuple(projection.more[name][measured[0]][:NEAR] for name in ("near", "shown"))
    near = projection.neighbours[at][:NEAR]
    return near, map_neighbours.nearest_to(projection.coords, at, len(near))


def show(maps: Mapping[str, Map], how: str, id: int, dataset: DataSet, ref: str) -> None:
    """An image, its nearest in the space, and those on one map; a click on any of them chooses it.

    Where it is not on that map, another one that has it takes its place.
    """
    how = next(name for name in (how, *maps) if id in maps[name].ids)
    projection = maps[how]
    at = position(projection, id)
    near, here = sides(projection, at)
    _head(projection, at, dataset)
    if not len(near):
        messages.caption("It has no neighbours: it is the only point.")
        return
    title, kept = PROJECTIONS[how].title, int(np.isin(here, near).sum())
    messages.prose(f"**Nearest in the space**; dashed: not near on the {title} map")
    _row("near-space", "Nearest in the space", "not near on the map", projection, near, here, id, dataset)
    messages.prose(f"**Nearest on the {title} map**: {kept} of {len(near)} are the same; dashed: not near in the space")
    label = f"Nearest on the {title} map"
    _row("near-map", label, "not near in the space", projection, here, near, id, dataset)
    split, row = point_ids.split_and_row(id)
    if split == point_ids.SPLITS[0] and dataset.modality == "image" and ModelRef.parse(ref).can_embed:
        url_state.link("latents", "Its latent code", "tune", model=ref, data=dataset.name, a=row)


def _head(projection: Map, at: int, dataset: DataSet) -> None:
    split, row = point_ids.split_and_row(projection.ids[at])
    name, one = dataset.classes[projection.y[at]], data.DISPLAYS[dataset.modality].one
    with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small", key="point"):
        with st.container(width="content"):
            picture = data.thumbnails(dataset, split, [row])[0]
            pictures.picture(picture, f"{split} {one} {row}: {name}", width="84px")
        where = f"{one} {row}" if split == point_ids.SPLITS[0] else f"{split} {one} {row}"
        messages.prose(f"**{messages.plain(name)}**, {where}  \n{_vote(projection, at, dataset)}")
    known = dataset.splits[split].factors
    factors = {name: values[row] for name, values in known.items() if name not in _own(known)}
    if factors:
        listed = [f"{name.replace('_', ' ')} {_said(value)}" for name, value in factors.items()]
        messages.caption(" · ".join(map(messages.plain, listed[:MOST])) + (" …" if len(listed) > MOST else ""))


def _own(known: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Columns of finished vectors that say nothing more: where one lies in our file, a copy of its name."""
    if store.FILE_ROW not in known:
        return ()
    named = known.get(store.NAME)
    copied = any(np.array_equal(values, named) for name, values in known.items() if name != store.NAME)
    return (store.ROW, store.NAME) if named is not None and copied else (store.ROW,)


def _said(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, np.floating) else str(value)[:60]


def _vote(projection: Map, at: int, dataset: DataSet) -> str:
    """What the classes of its neighbours say."""
    near = projection.neighbours[at][:NEAR]
    if not len(near):
        return "no neighbours"
    if (projection.y == projection.y[0]).all():
        return "all points are of one class"
    same = int((projection.y[near] == projection.y[at]).sum())
    words = f"{same} of its {len(near)} nearest neighbours share its class"
    voted = map_neighbours.vote(projection.y, near[None])[0]
    if voted == projection.y[at]:
        return words
    return f"{words}; kNN takes it for **{messages.plain(dataset.classes[voted])}**"


def _row(
    key: str, label: str, other: str, projection: Map, at: np.ndarray, others: np.ndarray, id: int, dataset: DataSet
) -> None:
    """Images in the order of their distance; those that the other list lacks wear a dashed frame, and it is said."""
    one = data.DISPLAYS[dataset.modality].one
    ids, apart = projection.ids[at].tolist(), set(projection.ids[at[~np.isin(at, others)]].tolist())
    names = [f"neighbour {i}: {dataset.classes[projection.y[place]]}" for i, place in enumerate(at, 1)]
    alts = {
        each: f"{name}, {one} {point_ids.spelled(each)}" + (f", {other}" if each in apart else "")
        for each, name in zip(ids, names, strict=True)
    }
    url = pictures.thumbs(dataset, point_ids.ANY)
    image_picker.tray(key, label, url, alts, id, set_point, marked=apart, wrap=True)


def best(maps: Mapping[str, Map], focus: str | None) -> str:
    """The map whose neighbours stand beside those of the space: the one that is enlarged, else the most trustworthy."""
    return focus if focus in maps else embeddings.leaders(maps)[0]
