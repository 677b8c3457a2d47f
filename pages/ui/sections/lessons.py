"""The lessons as cards, in the order of the course; then the teachers' own, and the files that were refused."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from explorer import data, runs
from explorer.data import DataSet
from explorer.evaluation import projections
from explorer.lessons import Catalogue, Entry, LessonRefused, catalogue, classroom
from explorer.lessons.catalogue import own_folder
from explorer.lessons.format import CardPicture
from explorer.runs import Run
from explorer.tasks import request
from pages.ui.kit import identity, messages, pictures, url_state

WIDTH, HEIGHT, TILE, POINTS = 460, 200, 20, 260  # pixels of a card's map, of one image on it; images
PAIRS = 5  # images of a strip


def cards(found: Catalogue) -> None:
    """All lessons."""
    ours = [entry for entry in found.entries if entry.shipped]
    own = [entry for entry in found.entries if not entry.shipped]
    _grid(ours)
    if own:
        messages.heading("Lessons of this place")
        _grid(own)


def _grid(entries: Sequence[Entry]) -> None:
    with st.grid(4, min_column_width=230, gap="small"):
        for i, entry in enumerate(entries, 1):
            with messages.guard():
                card(entry, i if entry.shipped else None)


def card(entry: Entry, place: int | None = None) -> None:
    """Picture, title, question, minutes, and whether it is done."""
    lesson = entry.lesson
    done = classroom.record(entry.name, identity.me()).done
    with st.container(border=True, height="stretch", key=f"lesson-card-{entry.name}"):
        with messages.guard():
            _picture(lesson.picture)
        number = f"{place}. " if place else ""
        st.markdown(f"**{number}{messages.plain(lesson.title)}**  \n{messages.readable(lesson.question)}")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            url_state.link("lessons", "Again" if done else "Start", "school", lesson=entry.name)
            st.caption(f"{'✓ done · ' if done else ''}{lesson.minutes} min")


def _picture(card: CardPicture | None) -> None:
    """The picture of a card: what a model reconstructs, or its map made of images."""
    run = runs.find(card.model) if card else None
    if run is None or not run.frames():
        return
    stored = _stored(run, card.map) if card.map else None
    image, alt = _of_map(stored.id) if stored else _drawn(run.id, run.frames()[-1])
    pictures.picture(image, alt)


def _stored(run: Run, how: str) -> Run | None:
    """The map of a model that is stored."""
    found = runs.find(runs.address(request.request("map", run.id, run.spec.dataset, how=how)))
    return found if found and found.status.state == "done" else None


@st.cache_data(show_spinner=False, max_entries=32)
def _of_map(id: str) -> tuple[np.ndarray, str]:
    stored, spec = runs.get(id).result(), runs.get(id).spec
    dataset = data.load(spec.dataset)
    rows, images = stored["rows"].astype(int)[:POINTS], dataset.splits["validation"]
    drawn = pictures.scatter(_tiles(images.x[rows], images.y[rows]), stored["coords"][:POINTS], WIDTH, HEIGHT)
    return drawn, f"Images of {dataset.title} on a map of {spec.model}"


@st.cache_data(show_spinner=False, max_entries=32)
def _drawn(id: str, step: int) -> tuple[np.ndarray, str]:
    run = runs.get(id)
    frame, dataset = run.frame(step), data.load(run.spec.dataset)
    gallery = {name: value for name, value in frame.items() if name.startswith("gallery_")}
    if gallery:
        return _pairs(frame, gallery, dataset), f"Images of {dataset.title} and what {run.title} makes of them"
    return _map(frame, dataset), f"Images of {dataset.title} where {run.title} puts them"


def _pairs(frame: dict[str, np.ndarray], gallery: dict[str, np.ndarray], dataset: DataSet) -> np.ndarray:
    """Images above what the network makes of them."""
    rows = [dataset.splits["validation"].x[frame["rows"][:PAIRS].astype(int)]]
    rows += [pictures.whole(images[:PAIRS])[:, :3] for images in gallery.values()]
    return pictures.mosaic(np.concatenate([_same(each, rows[-1].shape[-1]) for each in rows]), PAIRS)


def _same(images: np.ndarray, px: int) -> np.ndarray:
    """Images of three colours and `px` pixels."""
    colour = np.broadcast_to(images, (len(images), 3, *images.shape[2:])) if images.shape[1] == 1 else images[:, :3]
    return np.stack([pictures.sized(np.ascontiguousarray(image), px) for image in colour])


def _map(frame: dict[str, np.ndarray], dataset: DataSet) -> np.ndarray:
    """The images of a frame at their places on the first two axes."""
    y = frame["y"].astype(int)
    coords = projections.on_axes(frame["features"], projections.common_axes(frame["features"], y))
    images = dataset.splits["validation"]
    rows = frame["rows"].astype(int)[:POINTS]
    return pictures.scatter(_tiles(images.x[rows], images.y[rows]), coords[:POINTS], WIDTH, HEIGHT)


def _tiles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.shape[1] == 1:
        return pictures.shrunk(pictures.tinted(x, y), TILE)
    solid = np.full((len(x), 1, *x.shape[2:]), 255, np.uint8)
    return pictures.shrunk(np.concatenate([x, solid], 1), TILE)


def missing(entry: Entry) -> None:
    """What a lesson needs and this machine lacks, with the way to it."""
    known = data.catalogue()
    for name in entry.lesson.needs.data:
        if not known[name].available:
            text = f"This lesson needs {messages.plain(known[name].title)}, which is not on this machine yet."
            messages.empty("Data are missing", text, "data", "To the data", data=name)


def refused(files: Sequence[LessonRefused]) -> None:
    """The files that cannot be used, each with its line and reason; where to put one's own."""
    if files:
        messages.heading("Files that cannot be used")
        for each in files:
            line = f"**{messages.plain(each.file)}**, line {each.line}: {messages.plain(each.reason)}."
            st.markdown(f":material/error: {line}")
    st.caption(
        f"A lesson is one text file in {messages.plain(str(own_folder()))}; docs/lessons.md shows how to write one."
    )


def full() -> Catalogue:
    """All lessons, with their trainings checked; this imports torch."""
    return catalogue(full=True)
