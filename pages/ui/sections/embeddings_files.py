"""What can be taken along: the coordinates of the maps as a table, the features as arrays."""

from collections.abc import Mapping

import streamlit as st

from explorer import foreign_text
from explorer.data import DataSet
from explorer.tasks import request
from pages.ui.kit import point_ids
from pages.ui.runs import download
from pages.ui.sections.embeddings import Map

FEATURES = (
    "Features (.npz)",
    "The features of every image of this split as an array, with row numbers and classes",
)


def offer(maps: Mapping[str, Map], ref: str, dataset: DataSet) -> None:
    """Both."""
    split, _ = next(next(iter(maps.values())).by_split())
    name, icon = f"{ref}-{dataset.name}.csv", ":material/download:"
    st.download_button("Coordinates (CSV)", lambda: table(maps, dataset), name, "text/csv", icon=icon)
    download.offer(lambda: request.request("embed", ref, dataset.name, split=split), "embed", *FEATURES)


def table(maps: Mapping[str, Map], dataset: DataSet) -> str:
    """The coordinates as CSV: a line for each image that is on any map, two or three columns for each map."""
    places = {how: {int(id): i for i, id in enumerate(projection.ids)} for how, projection in maps.items()}
    labels = {int(id): y for projection in maps.values() for id, y in zip(projection.ids, projection.y, strict=True)}
    axes = {how: "xyz"[: projection.dimensions] for how, projection in maps.items()}
    lines = [",".join(["row", "split", "class", *(f"{how}_{axis}" for how in maps for axis in axes[how])])]
    for id, label in labels.items():
        split, row = point_ids.split_and_row(id)
        name = foreign_text.cell(dataset.classes[label]).replace('"', '""')
        values = [cell for how in maps for cell in _cells(maps[how], places[how].get(id))]
        lines.append(",".join([str(row), split, f'"{name}"', *values]))
    return "\n".join(lines) + "\n"


def _cells(projection: Map, at: int | None) -> list[str]:
    """The coordinates of a point; empty where it is not on the map."""
    return [""] * projection.dimensions if at is None else [f"{value:.5g}" for value in projection.coords[at]]
