"""What a box or lasso holds: its images, their classes against all classes, and what is typical of them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import ordering, typical
from explorer.evaluation.projections import PROJECTIONS
from pages.ui.kit import figures, image_picker, messages, pictures, point_ids, url_notices, url_state
from pages.ui.sections import embeddings_point
from pages.ui.sections.embeddings import Map
from pages.ui.sections.embeddings_tiles import key

SHOWN = 60  # images of a selection
LISTED = 10  # classes in its histogram
IN_ADDRESS = 300  # images: more do not fit into an address
PARAMETER, MARKED, INSIDE, CLEARED = "selection", "_marked", "_inside", "_cleared"


def remember(
    inside: Mapping[str, list[int] | None], dataset: DataSet, key: Callable[[str, DataSet], str] = key
) -> None:
    """Keep the last box or lasso; the page then runs once more, for the other maps to show what it holds.

    `key` is that of the chart of a map, which another page has under another one.
    """
    before = st.session_state.setdefault(INSIDE, {})
    drawn = {how: ids for how, ids in inside.items() if ids is not None}
    new = next(((how, ids) for how, ids in drawn.items() if ids != before.get(key(how, dataset), [])), None)
    if new:
        before.update({key(how, dataset): ids for how, ids in drawn.items()})
        _set(dataset, *new)
        st.rerun()


def _set(dataset: DataSet, how: str, ids: list[int]) -> None:
    st.session_state[MARKED] = (dataset.name, how, ids)
    fits = ids and len(ids) <= IN_ADDRESS
    url_state.put(PARAMETER, "-".join(map(point_ids.spelled, ids)) if fits else None)


def selection(projection: Map | None, dataset: DataSet) -> tuple[str, list[int]]:
    """The map and the ids of the last box or lasso, or of the address; none if there is none."""
    name, how, ids = st.session_state.get(MARKED, ("", "", []))
    if name == dataset.name:
        return how, ids
    text = url_state.read(PARAMETER)
    asked = [id for part in text.split("-") if (id := point_ids.read(part)) is not None]
    there = [] if projection is None else [id for id in asked if id in projection.ids]
    if text and not there and projection is not None:
        url_notices.note(PARAMETER, text, "no selection")
    return "", there


def clear(dataset: DataSet) -> None:
    """Drop it, in the charts as well."""
    st.session_state[CLEARED] = cleared() + 1
    st.session_state[INSIDE] = {}
    _set(dataset, "", [])


def cleared() -> int:
    """How often it was dropped: charts follow the number."""
    return st.session_state.get(CLEARED, 0)


def show(how: str, ids: Sequence[int], projection: Map, chosen: int, dataset: DataSet) -> None:
    """The images inside, how many there are of each class, and what there is more of than by chance."""
    inside = np.isin(projection.ids, ids)
    images = "image" if len(ids) == 1 else "images"
    where = f"on the {PROJECTIONS[how].title} map" if how in PROJECTIONS else "on the maps"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{len(ids)} {images} selected {where}**: {_counts(projection.y[inside], dataset)}")
        st.button("Clear", on_click=clear, args=(dataset,), icon=":material/close:", key="clear-selection")
    messages.prose(typical_of(inside, projection, dataset))
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        shown = np.flatnonzero(inside)[:SHOWN]
        spelled = [f"{point_ids.spelled(projection.ids[i])}: {dataset.classes[projection.y[i]]}" for i in shown]
        alts = {int(projection.ids[i]): f"selected image {text}" for i, text in zip(shown, spelled, strict=True)}
        url = pictures.thumbs(dataset, point_ids.ANY)
        image_picker.tray("gallery-tray", "Selected images", url, alts, chosen, embeddings_point.set_point, wrap=True)
        first = f"The first {SHOWN} of them. " if len(ids) > SHOWN else ""
        rest = "" if len(ids) <= IN_ADDRESS else f"More than {IN_ADDRESS} do not fit into the address of this page. "
        st.caption(f"{first}{rest}A click on an image rings it on all maps.")
    with right:
        _histogram(projection.y[inside], dataset)


def _counts(y: np.ndarray, dataset: DataSet) -> str:
    labels, counts = np.unique(y, return_counts=True)
    order = ordering.largest_first(counts)
    listed = ", ".join(f"{counts[i]} × {messages.plain(dataset.classes[labels[i]])}" for i in order[:6])
    return listed + (" …" if len(order) > 6 else "")


def typical_of(chosen: np.ndarray, projection: Map, dataset: DataSet) -> str:
    """Which classes and factors are over-represented, with their counts; or that none is."""
    excess = typical.over_represented(chosen, projection.y, dataset.classes)
    parts = [f"**{messages.plain(it.name)}** ({it.n}, {it.expected:.1f} expected by chance)" for it in excess[:4]]
    shifts = []
    for shift in typical.shifted(chosen, numbers(projection, dataset))[:4]:
        (low, high), (below, above) = shift.inside, shift.outside
        name = messages.plain(shift.name.replace("_", " "))
        shifts.append(f"**{name}** {low:.2g} to {high:.2g} (others {below:.2g} to {above:.2g})")
    sentences = [f"Over-represented: {', '.join(parts)}."] if parts else []
    sentences += [f"Typical (middle half): {', '.join(shifts)}."] if shifts else []
    return " ".join(sentences) or "No class and no factor is over-represented beyond chance."


def numbers(projection: Map, dataset: DataSet) -> dict[str, np.ndarray]:
    """The numbers that came with the data, of the points of a map."""
    columns = {name: projection.column(dataset, name) for name in projection.columns(dataset)}
    return {name: values for name, values in columns.items() if typical.is_number(values)}


def _histogram(y: np.ndarray, dataset: DataSet) -> None:
    labels, counts = np.unique(y, return_counts=True)
    order = ordering.largest_first(counts)[:LISTED]
    names = [dataset.classes[labels[i]] for i in order]
    figure = figures.counts(names, counts[order].tolist(), [int(labels[i]) for i in order], height=30 + 22 * len(order))
    listed = ", ".join(f"{name} {counts[i]}" for name, i in zip(names, order, strict=True))
    figures.show(
        figure, "selection-histogram", f"Classes of the selection: {listed}", title="Classes (number of images)"
    )
    if len(labels) > LISTED:
        st.caption(f"The {LISTED} most frequent of {len(labels)} classes.")
