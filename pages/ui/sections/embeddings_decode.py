"""Click beside the points of a map, decode that place: what lies between the images."""

from collections.abc import Mapping

import numpy as np

from explorer.data import DataSet
from explorer.evaluation import latent_points, neighbours
from explorer.evaluation.projections import PROJECTIONS
from explorer.models.reference import ModelRef
from pages.ui.kit import figures, messages, place_parameters, point_ids, point_map, url_notices, url_state
from pages.ui.kit.chart import Layer
from pages.ui.runs import model_cache
from pages.ui.sections.embeddings import Map

PLACE = "place"  # in the address: a map and a place on it, `pca,1.5,-0.2`


def possible(projection: Map, dataset: DataSet) -> bool:
    """Whether a place of a map has a picture: a flat one, of images."""
    return projection.dimensions == 2 and dataset.modality == "image"


def listen(maps: Mapping[str, Map], keys: Mapping[str, str]) -> None:
    """Take note of a click beside the points of any map; `keys` are those of their charts."""
    for how, projection in maps.items():
        if (at := figures.placed(keys[how])) is not None:
            x, y = point_map.off_scale(projection.coords, np.array(at))
            url_state.put(PLACE, f"{how},{x:.5g},{y:.5g}")


def asked(maps: Mapping[str, Map]) -> tuple[str, np.ndarray] | None:
    """The map and the place `[2]` that the address names, where there is such a map."""
    text = url_state.read(PLACE)
    how, _, place = text.partition(",")
    if how in maps and maps[how].dimensions == 2:
        at = place_parameters.read(PLACE, place, maps[how].coords)
        return None if at is None else (how, at)
    if text:
        url_notices.note(PLACE, text)
    return None


def layers(how: str, maps: Mapping[str, Map]) -> tuple[Layer, ...]:
    """A cross at the place, on its own map."""
    found = asked(maps)
    if found is None or found[0] != how:
        return ()
    coords = point_map.on_scale(maps[how].coords, found[1][None])
    return (Layer("decoded place", coords, ["decoded place"], symbols=["x"], size=4),)


def show(maps: Mapping[str, Map], dataset: DataSet, ref: str) -> None:
    """The place that was clicked: its picture, its nearest real images, the density there."""
    found = asked(maps)
    if found is None or dataset.modality != "image":
        return
    how, at = found
    messages.heading("The place that was clicked")
    with messages.guard():
        if not ModelRef.parse(ref).can_embed:
            messages.caption("These are finished vectors: there is no network that could decode a place.")
            return
        from pages.ui.sections import latents_place  # imports torch

        latents_place.show(ref, dataset, _code(maps[how], at, ref, dataset))
        messages.caption(
            f"Its code is the mean of those of the {latent_points.BESIDE} nearest points of the "
            f"{PROJECTIONS[how].title} map, weighted by the inverse square of their distance."
        )
        url_state.link("latents", "Click the map of the codes", "tune", model=ref, data=dataset.name, panel="place")


def _code(projection: Map, at: np.ndarray, ref: str, dataset: DataSet) -> np.ndarray:
    """The code of a place; only the points beside it are embedded."""
    model = model_cache.opened(ref, dataset)
    near = neighbours.nearest(projection.coords, at[None], latent_points.BESIDE, "euclidean").index[0]
    places = [point_ids.split_and_row(int(id)) for id in projection.ids[near]]
    codes = np.concatenate([model.features(dataset, split, np.array([row])) for split, row in places])
    return latent_points.code_at(projection.coords[near], codes, at)
