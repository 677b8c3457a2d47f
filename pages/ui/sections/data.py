"""The contact sheet of a data set: a row of samples for each class behind its mean image; what it shows, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.data import DataSet
from pages.ui.kit import figures, messages, pictures

ACROSS, MANY_CLASSES = 12, 40
OWN = """
Put a folder or a zip into {root} (the variable `EXPLORER_DATA` names another place); its name becomes the data set's.

- `my_set/<class>/picture.jpg` : the splits are cut for you, or
- `my_set/train/<class>/picture.jpg`, with `validation` (or `val`) and `test` beside `train`.

Images may have any size: the shorter side is brought to the chosen size, and the centre is cut out. Files that are no
photographs are left out, with the reason. Nothing leaves this machine. Then open this page again.
"""


def verdict(card: Mapping[str, Any], found: DataSet) -> str:
    """What to look for in this data set, in a few words of Markdown."""
    counts = np.sum(list(card["counts"].values()), 0)
    kind = "grey" if card["channels"] == 1 else "colour"
    text = f"{counts.sum():,} {kind} images of {card['size']}×{card['size']} pixels, {len(counts)} classes. "
    if counts.max() > 1.5 * counts.min():
        rare, often = card["classes"][counts.argmin()], card["classes"][counts.argmax()]
        text += f"**Out of balance**: {counts.min():,} of {rare}, {counts.max():,} of {often}. "
    right, n = _nearest_mean(found.hash, found, card["class_means"])
    guess = 1 / len(counts)
    if right - guess < 2 * (right * (1 - right) / n) ** 0.5:  # two standard errors
        says = "raw pixels say next to nothing, there is all to learn"
    else:
        says = "raw pixels say a lot already" if right > 0.6 else "raw pixels say little, there is something to learn"
    return text + (
        f"The nearest class mean is right for **{right:.0%}** of {n:,} validation images, a guess for {guess:.0%}: "
        f"{says}."
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _nearest_mean(data_hash: str, _found: DataSet, _means: np.ndarray) -> tuple[float, int]:
    """The share of probe images whose nearest class mean is their own class's, and how many images that is of."""
    rows, _ = _found.probe()
    images = np.stack([pictures.sized(image, _means.shape[-1]) for image in _found.splits["validation"].x[rows]])
    x, centres = (part.reshape(len(part), -1).astype(np.float32) for part in (images, _means))
    nearest = (np.square(centres).sum(1) - 2 * x @ centres.T).argmin(1)
    return float((nearest == _found.splits["validation"].y[rows]).mean()), len(rows)


def draw(y: np.ndarray, label: int, n: int, seed: int) -> np.ndarray:
    """At most `n` random rows of one class, ascending."""
    rows = np.flatnonzero(y == label)
    return np.sort(np.random.default_rng([seed, label]).choice(rows, min(n, len(rows)), replace=False))


def classes(found: DataSet, split: str, means: np.ndarray, seed: int) -> None:
    """Every class as a row: its mean, then samples."""
    images, named, alts = found.splits[split], {}, {}
    for label, name in enumerate(found.classes[:MANY_CLASSES]):
        drawn = draw(images.y, label, ACROSS, seed)
        named[name] = [means[label], *images.x[drawn]]
        alts[name] = [f"mean of {name}", *(f"{name}, row {row}" for row in drawn)]
    pictures.rows(named, alts, marked=1)
    if len(found.classes) > MANY_CLASSES:
        st.caption(f"The first {MANY_CLASSES} of {len(found.classes)} classes; choose one to see it.")


def factors(values: Mapping[str, np.ndarray], title: str, split: str) -> None:
    """A small histogram of each factor that the images were drawn from."""
    with st.grid(4, min_column_width=200, gap="medium"):
        for name, numbers in values.items():
            with st.container(gap=None):
                st.markdown(f"**{name}**")
                figures.show(figures.histogram(numbers), f"factor-{name}", f"Distribution of {name} in {title}")
    messages.provenance(data=f"{title}, {split}", factors="stored when the images were drawn")


def twins(found: DataSet, groups: Mapping[str, Sequence[Sequence[int]]]) -> None:
    """Exact duplicates within each split, the first few of them as pictures."""
    total = sum(map(len, groups.values()))
    if not total:
        st.markdown("None: within each split, no two images have the same pixels.")
        return
    said = ", ".join(f"{len(of)} in {split}" for split, of in groups.items() if of)
    st.markdown(
        f"**{total} groups of images with exactly the same pixels** ({said}). "
        "A copy that carries another label is noise."
    )
    for split, of in groups.items():
        images = found.splits[split]
        shown = [row for group in of[:6] for row in group[:4]]
        if shown:
            labels = [f"{found.classes[images.y[row]]} #{row}" for row in shown]
            pictures.strip(images.x[shown], [f"{split}: {label}" for label in labels], 64, "duplicate")
