"""Finding points: by class, by the number of an image, by the nearest to an uploaded image; the others turn grey."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.data import DataSet, photos
from explorer.evaluation import neighbours
from explorer.models.reference import ModelRef
from pages.ui.kit import image_picker, messages, pictures, point_ids
from pages.ui.runs import model_cache
from pages.ui.sections import embeddings_point
from pages.ui.sections.embeddings import Map

HELP = "A class, or a number; where classes are numbers themselves, write '#12' for {0} 12."
FOUND = "_found"  # in the session: what was searched for last
NEAREST = 10  # images that are nearest to an uploaded one


class Found(NamedTuple):
    """What a search has found: the ids that stand out, and the one that becomes the chosen image."""

    ids: np.ndarray | None = None  # None: nothing was asked for
    chosen: int | None = None


def choose(projection: Map, dataset: DataSet, ref: str) -> Found:
    """Let the visitor search; says what is not there."""
    one = data.DISPLAYS[dataset.modality].one
    text = st.text_input(
        "Find", key="find", placeholder=f"class or {one} number", help=HELP.format(one), bind="query-params"
    )
    with messages.guard():
        uploaded = _uploaded(projection, dataset, ref)
        if uploaded is not None:
            return Found(uploaded)
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


def _uploaded(projection: Map, dataset: DataSet, ref: str) -> np.ndarray | None:
    """The images nearest to one that the visitor uploads, shown below it; None without one."""
    if dataset.modality != "image" or not ModelRef.parse(ref).can_embed:
        return None
    with st.expander("Find the nearest to your own image", icon=":material/upload:"):
        endings = list(photos.SUFFIXES)
        file = st.file_uploader("An image", endings, key="upload", label_visibility="collapsed", max_upload_size=20)
        if file is None:
            return None
        image = opened(file.getvalue(), dataset)
        pictures.picture(image, "your image, as the model sees it", width="84px")
        features = features_of(ref, dataset, projection)
        query = model_cache.opened(ref, dataset).embed(image[None])
        at = neighbours.nearest(features, query, NEAREST).index[0]
        ids = projection.ids[at]
        messages.caption(f"The {len(ids)} nearest of the {len(projection.ids):,} on the map, nearest first:")
        names = [f"{dataset.classes[projection.y[i]]}, image {point_ids.spelled(projection.ids[i])}" for i in at]
        alts = dict(zip(ids.tolist(), names, strict=True))
        url = pictures.thumbs(dataset, point_ids.ANY)
        image_picker.tray("uploaded-nearest", "Nearest images", url, alts, None, embeddings_point.set_point, wrap=True)
        return ids


def opened(content: bytes, dataset: DataSet) -> np.ndarray:
    """An uploaded file as an image `uint8 [C, H, W]` of the data's size and colours; raises `Refused`."""
    try:
        pixels = photos.decode(content, dataset.size).pixels
    except ValueError as error:
        raise Refused(f"this is {error}: upload a photograph or a drawing as PNG or JPEG") from None
    if dataset.channels == 1:
        weights: Mapping[int, float] = {0: 0.299, 1: 0.587, 2: 0.114}  # ITU-R 601, as in Pillow
        grey = sum(weight * pixels[channel] for channel, weight in weights.items())
        return np.asarray(grey).round().astype(np.uint8)[None]
    return pixels


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
