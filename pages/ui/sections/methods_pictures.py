"""The diagrams of methods filled with images: a real image of the data and the views that the method draws of it."""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import streamlit as st

from explorer import Refused, data
from explorer.data import DataSet
from explorer.evaluation import views
from explorer.methods import METHODS
from pages.ui.kit import diagram_svg, pictures
from pages.ui.kit.diagrams import Diagram
from pages.ui.sections import methods_diagrams, train_form

ROWS = 64  # images that a method is shown: some find no components in fewer
SEED = 3  # of the first ones that turn the first image


def large(name: str, dataset: DataSet, seed: int = 0) -> None:
    """The diagram of one method, with its words; another `seed` draws other views."""
    diagram = methods_diagrams.of(name)
    diagram_svg.figure(diagram, filled(diagram, images(name, dataset, seed or SEED)), METHODS[name].info.title)


def small(name: str, dataset: DataSet) -> None:
    """The same for a card: small, and without words."""
    diagram = methods_diagrams.of(name)
    diagram_svg.card(diagram, filled(diagram, images(name, dataset)), METHODS[name].info.title)


def images(name: str, dataset: DataSet, seed: int = SEED) -> Mapping[str, str]:
    """The addresses of an image and of the method's views of it, by name; no views where the data do not suit it."""
    drawn = _images(name, dataset.name, dataset.hash, seed)
    return {caption: pictures.address(image) for caption, image in drawn.items()}  # at each run: the server forgets


@st.cache_data(show_spinner=False, max_entries=256)
def _images(name: str, source: str, stamp: str, seed: int) -> dict[str, np.ndarray]:
    dataset = data.load(source)
    split, rows = dataset.splits["validation"], dataset.probe()[0][:ROWS]
    drawn = {"image": data.thumbnails(dataset, "validation", rows[:1])}
    with suppress(Refused):  # the page says why; the frames in the diagram stay empty
        drawn |= views.preview(name, {}, split.x[rows], seed, split.y[rows], train_form.spec(dataset))
    return {caption: pictures.whole(each[:1])[0] for caption, each in drawn.items()}


def filled(diagram: Diagram, known: Mapping[str, str]) -> dict[str, str]:
    """The images by the names that the diagram has for them; those that it does not name fill its places in order."""
    spare = [name for name in known if name not in diagram.views]
    places = [name for name in diagram.views if name not in known]
    return {**known, **{place: known[name] for place, name in zip(places, spare, strict=False)}}
