"""What the visitor asks of the maps: a colour, images as points, a search, a chosen point, new points."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from explorer.data import DataSet
from pages.ui.sections import (
    embeddings_colour,
    embeddings_new,
    embeddings_point,
    embeddings_search,
    embeddings_selection,
    embeddings_tiles,
)
from pages.ui.sections.embeddings_choice import Jobs
from pages.ui.sections.embeddings_new import New
from pages.ui.sections.embeddings_tiles import Look, Touched


class Touch(NamedTuple):
    """What is asked for."""

    look: Look
    point: int | None = None  # the chosen one; None: there is no map
    lit: Sequence[int] | np.ndarray | None = None  # ids that were searched for; None: nothing was
    new: Sequence[New] = ()

    def touched(self, ids: Sequence[int], placed: embeddings_new.Placed) -> Touched:
        """What the maps show of it; a selection comes before a search."""
        return Touched(self.point, ids or self.lit, embeddings_selection.cleared(), placed)


def choose(there: Jobs, shown: Iterable[str], focus: str | None, label: str, dataset: DataSet, ref: str) -> Touch:
    """Let the visitor ask, in the rail; a click on a map chooses a point, too."""
    colour = embeddings_colour.choose(there.maps.values(), dataset)
    images = dataset.modality == "image" and st.toggle(
        "Images as points", key="images", bind="query-params", help=embeddings_tiles.AS_IMAGES
    )
    look = Look(colour, images, focus or embeddings_tiles.alone(there))
    if not there.maps:
        return Touch(look)
    found = embeddings_search.choose(next(iter(there.maps.values())), dataset)
    clicked = embeddings_tiles.clicked(shown, dataset)
    point = embeddings_point.chosen(there.maps, found.chosen if clicked is None else clicked)
    new, uploads = embeddings_new.choose(there.maps, point, label, dataset, ref)
    return Touch(look, point, found.ids if uploads is None else uploads.nearest, new)
