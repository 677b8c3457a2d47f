"""Finding points: by class, by the number of an image; the others turn grey."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.data import DataSet
from pages.ui.kit import messages, point_ids
from pages.ui.runs import model_cache
from pages.ui.sections.embeddings import Map

FOUND = "_found"  # in the session: what was searched for last


class Found(NamedTuple):
    """What a search has found: the ids that stand out, and the one that becomes the chosen image."""

    ids: np.ndarray | None = None  # None: nothing was asked for
    chosen: int | None = None


def help_of(dataset: DataSet) -> str:
    """What a field for a class or a point of this data set says when it is asked."""
    one = data.DISPLAYS[dataset.modality].one
    return f"A class, or a number; where classes are numbers themselves, write '#12' for {one} 12."


def choose(projection: Map, dataset: DataSet) -> Found:
    """Let the visitor search; says what is not there."""
    one = data.DISPLAYS[dataset.modality].one
    text = st.text_input(
        "Find", key="find", placeholder=f"class or {one} number", help=help_of(dataset), bind="query-params"
    )
    with messages.guard():
        found, before = find(text, projection, dataset), st.session_state.get(FOUND)
        st.session_state[FOUND] = text
        return found if text != before else found._replace(chosen=None)  # a later click chooses another image
    return Found()


def find(text: str, projection: Map, dataset: DataSet) -> Found:
    """The images that a text names; raises `Refused` where it names none on these maps."""
    words = text.strip()
    if not words:
        return Found()
    names = {name.lower(): i for i, name in enumerate(dataset.classes)}
    name = words.lower().removeprefix("class ").strip()
    if (label := names.get(words.lower(), names.get(name))) is not None:
        return Found(projection.ids[projection.y == label])
    id = point_ids.read(words.lower().removeprefix("image ").replace("#", ""))
    if id is not None and id in projection.ids:
        return Found(np.array([id]), id)
    begins = [i for each, i in names.items() if each.startswith(name)]
    if len(begins) == 1:
        return Found(projection.ids[projection.y == begins[0]])
    some = ", ".join(dataset.classes[:4]) + (" …" if len(dataset.classes) > 4 else "")
    ends = " to ".join(point_ids.spelled(id) for id in (projection.ids.min(), projection.ids.max()))
    which = f"a class ({some}) or the number of an image on the maps ({ends})"
    raise Refused(f"nothing here is called '{words[:40]}': name {which}")


def features_of(ref: str, dataset: DataSet, projection: Map) -> np.ndarray:
    """The features `[N, D]` of the points of a map; computed at the first request, and kept."""
    return _features(ref, dataset.name, projection.version, model_cache.stamp(ref, dataset), projection, dataset)


@st.cache_resource(show_spinner=False, max_entries=4)
def _features(ref: str, name: str, version: str, stamp: str, _projection: Map, _dataset: DataSet) -> np.ndarray:
    model = model_cache.opened(ref, _dataset)
    parts = [(at, model.features(_dataset, split, _projection.rows[at])) for split, at in _projection.by_split()]
    found = np.empty((len(_projection.rows), parts[0][1].shape[1]), np.float32)
    for at, features in parts:
        found[at] = features
    return found
