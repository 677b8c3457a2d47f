"""The images that two models disagree about most: who their nearest images are in either, side by side."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.evaluation.comparison.change import Change
from explorer.tasks.compare_result import RANKED, CompareResult
from pages.ui.kit import figures, image_picker, messages, pictures, point_ids, url_state
from pages.ui.sections import embeddings_point
from pages.ui.sections.compare_choice import Model

BY = {
    "neighbours": "neighbours lost",
    "alone": "changed otherwise than its neighbours",
    "moved": "distance moved",
}
MEANT = {
    "neighbours": "1 less the Jaccard index of the two neighbourhoods: 0 = the same neighbours, 1 = none of them.",
    "alone": "The change less that of its neighbours: an image that changed along with its region does not stand out.",
    "moved": "The distance between its two places after Procrustes; 1 = the typical distance from the middle.",
}
SHOWN, MORE, NEAR = 6, 24, 5  # images at first, and on demand; of each its nearest
ALL = "all classes"
CLASSES = 14  # bars of the chart by class
assert BY.keys() == MEANT.keys() == RANKED.keys() and "neighbours" in Change._fields


def show(result: CompareResult, pair: int, models: Sequence[Model], dataset: DataSet) -> None:
    """The ranking with its filters, and the classes by their change."""
    a, b = (models[i] for i in result.pairs()[pair])
    messages.heading("Images whose neighbours changed most")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="compare-change-choice"):
        by = url_state.choice(st.selectbox, "Rank by", list(BY), key="rank", format_func=BY.get, width=300)
        classes = [ALL, *(dataset.classes[i] for i in np.unique(result.y))]
        name = url_state.choice(st.selectbox, "Class", classes, key="class", width=200)
    label = None if name == ALL else dataset.classes.index(name)
    messages.caption(MEANT[by])
    order = result.ranked(pair, by, label)
    if not len(order):
        messages.caption("There is no image of this class among those that were compared.")
    elif not result.arrays[RANKED[by][0]][pair][order[0]] > 0:
        messages.prose(unchanged(result, pair, by, label, "image" if label is None else f"image of class {name}"))
    else:
        _strips(result, pair, order, by, (a, b), dataset)
    _by_class(result, pair, dataset)


def unchanged(result: CompareResult, pair: int, by: str, label: int | None, whom: str) -> str:
    """What is said where nothing is to be ranked: of the models only where it is true of all images."""
    every = np.ones(len(result.y), bool) if label is None else result.y == label
    lost, moved = (result.arrays[name][pair] for name in ("neighbours", "moved"))
    whom = messages.plain(whom)
    if lost[every].any():
        wrong = (
            f"**No {whom} has changed otherwise than its neighbours**" if by == "alone" else f"**No {whom} has moved**"
        )
        return f"{wrong}, yet some have lost neighbours: rank by {BY['neighbours']}."
    same = "" if lost.any() else ": the models have the same neighbourhoods"
    if moved[every].any():
        return f"**No {whom} has lost a neighbour**{same}, yet some have moved: rank by {BY['moved']}."
    return f"**No {whom} has changed**{same}."


def _strips(
    result: CompareResult, pair: int, order: np.ndarray, by: str, two: tuple[Model, Model], dataset: DataSet
) -> None:
    """A row for each image: itself, what the first takes for its nearest, and what the second does."""
    n = MORE if st.session_state.get("compare-more") else SHOWN
    ids = point_ids.of(result.rows, _parts(result))
    url, values = pictures.thumbs(dataset, point_ids.ANY), result.arrays[RANKED[by][0]][pair]
    shares = [0.2, 0.4, 0.4]
    for at in order[:n]:
        alone, first, second = st.columns(shares, vertical_alignment="center", gap="small")
        near = [result.near(place, at) for place in result.pairs()[pair]]
        shared = set(near[0].tolist()) & set(near[1].tolist())
        label = dataset.classes[result.y[at]]
        with alone, st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
            alts = {int(ids[at]): f"{label}, {data.DISPLAYS[dataset.modality].one} {point_ids.spelled(ids[at])}"}
            image_picker.tray(f"changed-{at}", "This image", url, alts, None, embeddings_point.set_point)
            st.caption(f"{messages.plain(label)}  \n**{values[at]:.2f}**", width="content")
        for place, model, positions in zip((first, second), two, [of[:NEAR] for of in near], strict=True):
            with place:
                st.caption(f"**{model.letter} thinks**")
                many = [
                    f"{i}. nearest in {model.letter}: {dataset.classes[result.y[j]]}"
                    for i, j in enumerate(positions, 1)
                ]
                alts = {int(ids[j]): words for j, words in zip(positions, many, strict=True)}
                marked = {int(ids[j]) for j in positions if int(j) not in shared}
                key, label_of = f"changed-{model.letter}-{at}", f"{model.letter} thinks"
                image_picker.tray(key, label_of, url, alts, None, embeddings_point.set_point, marked=marked, wrap=True)
    words = f"The {NEAR} nearest images in each model, nearest first; dashed: not near in the other."
    messages.caption(f"{words} A click rings an image on the maps.")
    if len(order) > SHOWN:
        st.toggle(f"Show {min(MORE, len(order))}", key="compare-more")


def _parts(result: CompareResult) -> np.ndarray:
    """The splits of the images as numbers of `point_ids.SPLITS`."""
    return np.array([point_ids.SPLITS.index(str(name)) for name in result.arrays["split"]])


def _by_class(result: CompareResult, pair: int, dataset: DataSet) -> None:
    """The mean change of each class, the largest first."""
    rows = result.scores["pairs"][pair]["by_class"][:CLASSES]
    names, values = [row["class"] for row in rows], [row["neighbours"] for row in rows]
    figure = figures.bars({"neighbours lost": values}, names, sideways=True, height=60 + 24 * len(rows))
    listed = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True))
    alt = f"Mean change of the neighbourhood by class: {listed}"
    figures.show(figure, "compare-by-class", alt, title="Neighbours lost by class (0 = the same)")
    chance = result.scores["pairs"][pair]["change"]["level"]
    messages.caption(f"By chance {chance:.2f}: the mean over permutations of the images of one model.")
