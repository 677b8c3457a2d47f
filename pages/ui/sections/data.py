"""The overview of a data set: a row of samples for each class after its mean image; what it shows, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.data import DataSet
from explorer.evaluation import baselines, statistics
from pages.ui.kit import figures, messages, pictures

ACROSS, MANY_CLASSES = 12, 40
OWN = """
Put a folder or a zip file into {root} (the environment variable `EXPLORER_DATA` names another place); its name becomes
the name of the data set.

- `my_set/<class>/picture.jpg`: the images are split for you, or
- `my_set/train/<class>/picture.jpg`, with `validation` (or `val`) and `test` beside `train`.

Images may have any size: the shorter side is resized to the chosen size, and the centre is cropped. Files that are no
photographs are left out, with the reason. Nothing leaves this machine. Then open this page again.
"""


def summary(card: Mapping[str, Any], dataset: DataSet) -> str:
    """What to look for in this data set, in a few words of Markdown."""
    counts = np.sum(list(card["counts"].values()), 0)
    kind = "grey" if card["channels"] == 1 else "colour"
    text = f"{counts.sum():,} {kind} images of {card['size']}×{card['size']} pixels, {len(counts)} classes. "
    if counts.max() > 1.5 * counts.min():
        rare, often = card["classes"][counts.argmin()], card["classes"][counts.argmax()]
        text += f"**The classes are imbalanced**: {counts.min():,} of {rare}, {counts.max():,} of {often}. "
    accuracy, n = _nearest_mean(dataset.hash, dataset, card["class_means"])
    chance = 1 / len(counts)
    if accuracy - chance < 2 * statistics.standard_error(accuracy, n):
        meaning = "raw pixels hardly tell the classes apart, so a network has everything to learn"
    elif accuracy > 0.6:
        meaning = "raw pixels tell the classes apart fairly well already"
    else:
        meaning = "raw pixels tell the classes apart poorly, so a network has something to learn"
    return text + (
        f"The nearest class mean, a classifier on raw pixels, names **{accuracy:.0%}** of {n:,} validation images "
        f"correctly (chance: {chance:.0%}): {meaning}."
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _nearest_mean(data_hash: str, _dataset: DataSet, _means: np.ndarray) -> tuple[float, int]:
    """The accuracy of the nearest class mean on the probe images, and how many they are."""
    rows, _ = _dataset.probe()
    split = _dataset.splits["validation"]
    images = np.stack([pictures.sized(image, _means.shape[-1]) for image in split.x[rows]])
    return baselines.nearest_class_mean(images, split.y[rows], _means), len(rows)


def draw(y: np.ndarray, label: int, n: int, seed: int) -> np.ndarray:
    """At most `n` random rows of one class, ascending."""
    rows = np.flatnonzero(y == label)
    return np.sort(np.random.default_rng([seed, label]).choice(rows, min(n, len(rows)), replace=False))


def classes(dataset: DataSet, split: str, means: np.ndarray, seed: int) -> None:
    """Every class as a row: its mean, then samples."""
    images, named, alts = dataset.splits[split], {}, {}
    for label, name in enumerate(dataset.classes[:MANY_CLASSES]):
        rows = draw(images.y, label, ACROSS, seed)
        named[name] = [means[label], *images.x[rows]]
        alts[name] = [f"mean of {name}", *(f"{name}, row {row}" for row in rows)]
    pictures.rows(named, alts, marked=1)
    if len(dataset.classes) > MANY_CLASSES:
        st.caption(f"The first {MANY_CLASSES} of {len(dataset.classes)} classes; choose one to see it.")


def factors(values: Mapping[str, np.ndarray], title: str, split: str) -> None:
    """A small histogram of each factor that the images were generated from."""
    with st.grid(4, min_column_width=200, gap="medium"):
        for name, numbers in values.items():
            with st.container(gap=None):
                st.markdown(f"**{name}**")
                figures.show(figures.histogram(numbers), f"factor-{name}", f"Distribution of {name} in {title}")
    messages.provenance(data=f"{title}, {split}", factors="stored when the images were generated")


def duplicates(dataset: DataSet, groups: Mapping[str, Sequence[Sequence[int]]]) -> None:
    """Exact duplicates within each split, the first few of them as pictures."""
    total = sum(map(len, groups.values()))
    if not total:
        st.markdown("None: within each split, no two images have the same pixels.")
        return
    counts = ", ".join(f"{len(of)} in {split}" for split, of in groups.items() if of)
    st.markdown(
        f"**{total} groups of images with exactly the same pixels** ({counts}). "
        "A duplicate with another label is label noise."
    )
    for split, of in groups.items():
        images = dataset.splits[split]
        shown = [row for group in of[:6] for row in group[:4]]
        if shown:
            labels = [f"{dataset.classes[images.y[row]]} #{row}" for row in shown]
            pictures.strip(images.x[shown], [f"{split}: {label}" for label in labels], 64, "duplicate")
