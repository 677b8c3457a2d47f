"""An axis through the space, between two images or classes: all points projected on it, a histogram by class."""

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.data import DataSet
from explorer.evaluation import concept_axis, ordering
from pages.ui.kit import figures, image_picker, messages, pictures, point_ids, url_state
from pages.ui.sections import embeddings_point, embeddings_search
from pages.ui.sections.embeddings import Map

STRIP = 14  # images along the axis
CLASSES, HEIGHT = 10, 220  # that have a colour of their own in the histogram; its pixels


def show(projection: Map, dataset: DataSet, ref: str) -> None:
    """Let the visitor choose both ends, and draw what lies between them; folded until then."""
    asked, kind = any(url_state.read(end) for end in ("from", "to")), data.DISPLAYS[dataset.modality]
    with st.expander(f"An axis between two {kind.many} or classes", icon=":material/straighten:", expanded=asked):
        left, right = st.columns(2, gap="small")
        more = {"placeholder": f"class or {kind.one} number", "bind": "query-params"}
        first = left.text_input("From", key="from", help=embeddings_search.help_of(dataset), **more)
        last = right.text_input("To", key="to", **more)
        if not first.strip() or not last.strip():
            messages.caption(f"Both ends can be classes (the mean of their features) or single {kind.many}.")
            return
        with messages.guard():
            _draw(first, last, projection, dataset, ref)


def _draw(first: str, last: str, projection: Map, dataset: DataSet, ref: str) -> None:
    features = embeddings_search.features_of(ref, dataset, projection)
    ends = [concept_axis.end(features, positions(text, projection, dataset)) for text in (first, last)]
    places = concept_axis.along(features, *ends)
    used = [first.strip(), last.strip()]
    labels, counts = np.unique(projection.y, return_counts=True)
    shown = labels[ordering.largest_first(counts)[:CLASSES]]
    figure = figures.by_class(places, projection.y, dataset.classes, shown.tolist(), used, HEIGHT)
    spread = f"{places.min():.2f} to {places.max():.2f}"
    alt = f"All {len(places):,} points on the axis from {used[0]} (0) to {used[1]} (1), by class: {spread}"
    figures.show(figure, "axis-histogram", alt, title=f"Place between {used[0]} (0) and {used[1]} (1)")
    at, kind = concept_axis.along_evenly(places, STRIP), data.DISPLAYS[dataset.modality]
    alts = {
        int(id): f"at {places[i]:.2f}: {dataset.classes[projection.y[i]]}, {kind.one} {point_ids.spelled(id)}"
        for i, id in zip(at, projection.ids[at], strict=True)
    }
    url = pictures.thumbs(dataset, point_ids.ANY)
    many = messages.sentence(kind.many).rstrip(".")
    image_picker.tray("axis-strip", f"{many} along the axis", url, alts, None, embeddings_point.set_point)
    messages.caption(f"{many} in even steps along the axis, from {spread}; a click rings one on all maps.")


def positions(text: str, projection: Map, dataset: DataSet) -> np.ndarray:
    """The points that an end names; raises `Refused`."""
    found = embeddings_search.find(text, projection, dataset)
    if found.ids is None or not len(found.ids):
        raise Refused(f"no point of '{text[:40]}' is on the maps: choose another class or image")
    return np.flatnonzero(np.isin(projection.ids, found.ids))
