"""Images of the visitor: opened, as the model sees them, and their nearest on the maps."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from explorer import Refused
from explorer.data import DataSet, photos
from explorer.evaluation import neighbours
from explorer.models.reference import ModelRef
from pages.ui.kit import image_picker, messages, picture_source, pictures, point_ids
from pages.ui.sections import embeddings_features, embeddings_point, embeddings_search
from pages.ui.sections.embeddings import Map

NEAREST = 10  # images that are nearest to an uploaded one
MOST, MEGABYTES = 12, 20  # images at once; of each
READ = "_uploads_read"  # in the session: the pixels of the files that are uploaded, or why there are none
ABOUT = "PNG, JPEG and others, cut to a square as the data are. They are placed on the maps, and the nearest stand out."


class Uploads(NamedTuple):
    """Images that the visitor has uploaded."""

    names: tuple[str, ...]
    images: np.ndarray  # uint8 [M, C, H, W], as the model sees them
    features: np.ndarray  # [M, D]
    nearest: np.ndarray | None = None  # ids of those that are nearest to one of them


def choose(projection: Map, dataset: DataSet, ref: str) -> Uploads | None:
    """Let the visitor upload images, and show the nearest to one of them.

    None without any, and until their features are there.
    """
    if dataset.modality != "image" or not ModelRef.parse(ref).can_embed:
        return None
    with messages.guard():
        files = picture_source.choose("upload", label="Your own images", most=MEGABYTES, help=ABOUT)
        names, images = _opened(files[:MOST], dataset)
        if not files:
            return None
        if len(files) > MOST:
            messages.caption(f"The first {MOST} of {len(files)} are taken: remove some to see others.")
        if not names:
            return None
        pictures.strip(images, names, px=72, alt="your image, as the model sees it")
        key = blake2b(f"{images.shape}".encode() + images.tobytes()).digest()
        features = embeddings_features.of(ref, dataset, key, "your images", lambda model: model.embed(images))
        if features is None:
            return None
        numbers = range(len(names))
        one = st.selectbox("Nearest to", numbers, format_func=names.__getitem__, key="upload-one") if names[1:] else 0
        ids = _nearest(features[one], projection, dataset, ref)
        return Uploads(names, images, features, ids)
    return None


def _opened(files: Sequence[Any], dataset: DataSet) -> tuple[tuple[str, ...], np.ndarray]:
    """The names and the pixels of those that are pictures; says which are not.

    Each is decoded once, as long as it is uploaded and the data want it in the same form.
    """
    form = dataset.size, dataset.channels
    known: Mapping[Any, np.ndarray | Refused] = st.session_state.get(READ, {})
    read = {(it.file_id, form): known.get((it.file_id, form)) for it in files}
    for it in files:
        if read[it.file_id, form] is None:
            read[it.file_id, form] = _tried(it, dataset)
    st.session_state[READ] = read
    found = {}
    for i, it in enumerate(read.values()):
        if isinstance(it, Refused):
            messages.show_error(messages.explain(it))
        else:
            found[i] = it
    return tuple(files[i].name for i in found), np.stack([*found.values()]) if found else np.empty(0, np.uint8)


def _tried(file: Any, dataset: DataSet) -> np.ndarray | Refused:
    try:
        return opened(file.name, file.getvalue(), dataset)
    except Refused as refused:
        return Refused(str(refused))  # that one holds the content of the file


def opened(name: str, content: bytes, dataset: DataSet) -> np.ndarray:
    """An uploaded file as an image `uint8 [C, H, W]` of the data's size and colours; raises `Refused`."""
    try:
        pixels = photos.decode(content, dataset.size).pixels
    except ValueError as error:
        raise Refused(f"{name} is {error}: upload a photograph or a drawing as PNG or JPEG") from None
    if dataset.channels == 1:
        weights: Mapping[int, float] = {0: 0.299, 1: 0.587, 2: 0.114}  # ITU-R 601, as in Pillow
        grey = sum(weight * pixels[channel] for channel, weight in weights.items())
        return np.asarray(grey).round().astype(np.uint8)[None]
    return pixels


def _nearest(query: np.ndarray, projection: Map, dataset: DataSet, ref: str) -> np.ndarray:
    """The ids of the images whose features are nearest to these `[D]`, shown as a row."""
    at = neighbours.nearest(embeddings_search.features_of(ref, dataset, projection), query[None], NEAREST).index[0]
    ids = projection.ids[at]
    messages.caption(f"The {len(ids)} nearest of the {len(projection.ids):,} on the map, nearest first:")
    names = [f"{dataset.classes[projection.y[i]]}, image {point_ids.spelled(projection.ids[i])}" for i in at]
    alts = dict(zip(ids.tolist(), names, strict=True))
    url = pictures.thumbs(dataset, point_ids.ANY)
    image_picker.tray("uploaded-nearest", "Nearest images", url, alts, None, embeddings_point.set_point, wrap=True)
    return ids
