"""The overview of a data set: a row of samples for each class after its mean image; what it shows, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DISPLAYS, DataSet, caveats
from explorer.data.dataset import Note
from explorer.data.vectors import store
from explorer.evaluation import class_means, statistics
from explorer.tasks import image_import
from pages.ui.kit import figures, messages, pictures, url_state, visibility
from pages.ui.sections import data_import, data_own

ACROSS, MANY_CLASSES = 12, 40
OWN = """
On this machine itself, a folder or a zip file may also lie in {root} (the environment variable `EXPLORER_DATA` names
another folder); the data set has the same name.

- `my_set/<class>/picture.jpg`: validation and test images are split off at random, copies of an image together, or
- `my_set/train/<class>/picture.jpg`, with `validation` (or `val`) and `test` beside `train`.

Images may have sides of 8 to 10,000 pixels: the shorter one is resized to the chosen size, and the centre is cropped.
Files that cannot be read as images are listed with the reason, and every conversion is said. Links are not followed out
of a data set. Nothing leaves this machine.
"""


def own(opened: bool) -> None:
    """How to bring images of one's own, and what lies there already, with a link or with what is wrong."""
    with st.expander("Add your own images", icon=":material/add_photo_alternate:", expanded=opened):
        with messages.guard():
            data_import.form()
        with messages.guard():
            data_own.listing()
        st.markdown(OWN.format(root=messages.plain(str(data.root()))))
        st.button("Look again", icon=":material/refresh:", key="own-again")  # any click runs the page again
        brought = [it for it in visibility.catalogue().values() if it.kind not in ("embedded", "download", "vectors")]
        brought = [it for it in brought if not image_import.find(it.name) or not it.owner]
        for entry in brought:
            if entry.problem:
                st.caption(f":material/error: {messages.plain(entry.problem)}")
            else:
                url_state.link("data", messages.plain(entry.title), "photo_library", data=entry.name)
        if not brought:
            st.caption("There are no images of yours yet.")


def kind(dataset: DataSet) -> str:
    """What the rows are, and how large each is."""
    if dataset.modality == "image":
        return f"{'grey' if dataset.channels == 1 else 'colour'} images ({dataset.size}×{dataset.size} pixels)"
    if dataset.modality == "text":
        return f"texts of up to {dataset.shape[0]} words (vocabulary of {dataset.vocabulary:,})"
    return f"{DISPLAYS[dataset.modality].many} of {'×'.join(map(str, dataset.shape))} numbers"


def summary(card: Mapping[str, Any], dataset: DataSet) -> str:
    """How large the data set is, and how well raw pixels separate its classes, in a sentence or two of Markdown."""
    counts = np.sum(list(card["counts"].values()), 0)
    text = f"{counts.sum():,} {kind(dataset)}, {len(counts)} classes."
    if counts.max() > 1.5 * counts.min():
        rare, often = (messages.plain(card["classes"][i]) for i in (counts.argmin(), counts.argmax()))
        share = statistics.percent(counts.max() / counts.sum(), int(counts.sum()))
        largest = f"{counts.max():,} of {often} ({share}), {counts.min():,} of {rare}"
        return f"{text} **The classes are imbalanced**: {largest}."
    return f"{text} {_pixels(dataset, card['class_means'], 1 / len(counts))}" if "class_means" in card else text


def _pixels(dataset: DataSet, means: np.ndarray, chance: float) -> str:
    """How well raw pixels separate the classes, judged by the nearest class mean."""
    accuracy, n = _nearest_mean(dataset.hash, dataset, means)
    if not statistics.is_above_chance(accuracy, chance, n):
        meaning = "Raw pixels barely beat chance"
    elif accuracy > 0.6:
        meaning = "Raw pixels already separate the classes well"
    else:
        meaning = "Raw pixels separate the classes poorly"
    return (
        f"**{meaning}**: nearest-class-mean accuracy {statistics.percent(accuracy, n)} (chance "
        f"{statistics.percent(chance)}, {n:,} validation images)."
    )


@st.cache_data(show_spinner=False, max_entries=16)
def _nearest_mean(data_hash: str, _dataset: DataSet, _means: np.ndarray) -> tuple[float, int]:
    """The accuracy of the nearest class mean on the probe images, and how many they are."""
    rows, _ = _dataset.probe()
    split = _dataset.splits["validation"]
    images = np.stack([pictures.sized(image, _means.shape[-1]) for image in split.x[rows]])
    return class_means.nearest_class_mean(images, split.y[rows], _means), len(rows)


def all_of(names: Sequence[str]) -> str:
    """What the choice of all classes is called, which is no class."""
    return next(word for word in ("all", "all classes", "all of the classes", "") if word not in names)


def notes(said: Sequence[Note]) -> None:
    """What was done to the images while their files were read, and what is odd in them."""
    for text, first in said:
        st.markdown(f"{messages.plain(text)}{f' The first is {messages.plain(first)}.' if first else ''}")


def draw(y: np.ndarray, label: int, n: int, seed: int) -> np.ndarray:
    """At most `n` random rows of one class, ascending."""
    rows = np.flatnonzero(y == label)
    return np.sort(np.random.default_rng([seed, label]).choice(rows, min(n, len(rows)), replace=False))


def classes(dataset: DataSet, split: str, means: np.ndarray | None, seed: int) -> None:
    """The overview: every class as a row, its mean (where there is one), then samples."""
    named, alts = {}, {}
    for label, name in enumerate(dataset.classes[:MANY_CLASSES]):
        rows = draw(dataset.splits[split].y, label, ACROSS, seed)
        mean = [] if means is None else [means[label]]
        named[name] = [*mean, *data.thumbnails(dataset, split, rows)]
        captions = [_caption(f"{name}, row {row}", dataset, split, row) for row in rows]
        alts[name] = [f"mean of {name}"] * len(mean) + captions
    pictures.rows(named, alts, marked=0 if means is None else 1)
    if len(dataset.classes) > MANY_CLASSES:
        st.caption(f"The first {MANY_CLASSES} of {len(dataset.classes)} classes; select any other under Class.")


def one_class(dataset: DataSet, split: str, name: str, n: int, seed: int) -> None:
    """Samples of one class, each with its row and, where the picture does not say it all, with words."""
    rows = draw(dataset.splits[split].y, dataset.classes.index(name), n, seed)
    captions = [_caption(f"#{row}", dataset, split, row) for row in rows]
    px = 56 if dataset.modality == "image" else 112
    pictures.strip(data.thumbnails(dataset, split, rows), captions, px, name)


def _caption(title: str, dataset: DataSet, split: str, row: int) -> str:
    """A row under this title, and what its modality says of it: how a text begins, how long a sound is."""
    return ": ".join(filter(None, [title, data.caption(dataset, split, row)]))


def factors(values: Mapping[str, np.ndarray], title: str, split: str) -> None:
    """A small histogram of each factor that the images were generated from, or of each column of numbers."""
    with st.grid(4, min_column_width=200, gap="medium"):
        for name, column in numbers(values).items():
            with st.container(gap=None):
                st.markdown(f"**{messages.plain(name)}**")
                figures.show(figures.histogram(column), f"factor-{name}", f"Distribution of {name} in {title}")
    origin = "imported with the vectors" if is_imported(values) else "recorded when the images were generated"
    messages.provenance(data=f"{title}, {split}", factors=origin)


def numbers(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The factors that are finite numbers, without the row numbers of imported vectors."""
    numeric = {name: values[name] for name in columns(values) if values[name].dtype.kind in "fiu"}
    return {name: finite for name, it in numeric.items() if len(finite := it[np.isfinite(it)])}


def columns(values: Mapping[str, np.ndarray]) -> list[str]:
    """The names of the factors, without the row numbers of imported vectors."""
    own = (store.ROW, store.FILE_ROW) if is_imported(values) else ()
    return [name for name in values if name not in own]


def is_imported(values: Mapping[str, np.ndarray]) -> bool:
    """Whether these are columns beside imported vectors."""
    return store.FILE_ROW in values


def overlaps(dataset: DataSet) -> None:
    """A warning for each split that has copies of training images: its scores are not those of new images."""
    for split in dataset.splits:
        if text := caveats.copies(dataset, split):
            messages.caveat(text)


def duplicates(dataset: DataSet, groups: Mapping[str, Sequence[Sequence[int]]]) -> None:
    """Exact duplicates within each split and between splits, the first few of them as pictures."""
    total, many = sum(map(len, groups.values())), DISPLAYS[dataset.modality].many
    parts = {"image": "pixels", "text": "words"}.get(dataset.modality, "numbers")
    if not total and not dataset.copies:
        st.markdown(f"None: no two {many} are identical in their {parts}, within a split or in two of them.")
        return
    counts = ", ".join(f"{len(of)} in {split}" for split, of in groups.items() if of)
    if total:
        have = f"**Within a split: {total} groups of {many} with identical {parts}** ({counts})"
        messages.prose(f"{have}. Duplicates with different labels are label noise.")
    else:
        messages.prose(f"**Within a split**: no two {many} are identical in their {parts}.")
    for split, of in groups.items():
        _alike(dataset, [(split, row) for group in of[:6] for row in group[:4]])
    for split, of in dataset.copies.items():
        for other, pairs in of.items():
            _between(dataset, split, other, pairs)


def _between(dataset: DataSet, split: str, other: str, pairs: np.ndarray) -> None:
    """How many rows of a split are in another one, too, how many of them with another label; some of them."""
    total, many = len(dataset.splits[split].y), DISPLAYS[dataset.modality].many
    have = f"{len(pairs):,} of {total:,} {split} {many} {'are' if len(pairs) > 1 else 'is'}"
    name = {"train": "training"}.get(other, other)
    other_label = int((dataset.splits[split].y[pairs[:, 0]] != dataset.splits[other].y[pairs[:, 1]]).sum())
    note = f", {other_label:,} of them with another label" if other_label else ""
    messages.prose(f"**Between splits: {have} also among the {name} {many}**{note}.")
    _alike(dataset, [at for own, its in pairs[:6].tolist() for at in ((split, own), (other, its))])


def _alike(dataset: DataSet, places: Sequence[tuple[str, int]]) -> None:
    """The rows at these places as pictures, each with its split, its class and its row."""
    if not places:
        return
    titles = [f"{split}: {dataset.classes[dataset.splits[split].y[row]]} #{row}" for split, row in places]
    labels = [_caption(title, dataset, *at) for title, at in zip(titles, places, strict=True)]
    images = np.concatenate([data.thumbnails(dataset, split, [row]) for split, row in places])
    pictures.strip(images, labels, 64, "duplicate")
