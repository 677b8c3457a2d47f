"""A training in time: a slider over its stored frames, the map of the probe images at that moment, and its gallery."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import neighbours, projections
from explorer.runs import Run
from pages.ui.kit import figures, messages, pictures, url_notices

EXAMPLES, NEAR, GALLERY = 6, 6, 8  # images whose neighbours are shown, how many, pictures
HEIGHT, BARS = 430, 110  # pixels
UNITS = {"kl": "nats", "cosine": "1 = the same direction", "share": "of 1"}  # by a word of the name
PACE = 160  # milliseconds from one frame to the next

_player = st.components.v2.component("unfold_play", js=(Path(__file__).parent / "timeline.js").read_text("utf-8"))


class Moment(NamedTuple):
    """What one frame shows."""

    coords: np.ndarray  # [N, 2]
    box: np.ndarray  # [2, 2] lowest and highest coordinates, of this frame and the last
    y: np.ndarray  # [N]
    rows: np.ndarray  # [N], of validation
    nearest: np.ndarray  # [EXAMPLES, 1 + NEAR] positions: an image, then its neighbours
    gallery: dict[str, np.ndarray]  # pictures of the first images
    measures: dict[str, np.ndarray]  # vectors that the method measures of itself


def scrubber(run: Run) -> None:
    """The slider, and below it the features of the probe images at that step."""
    steps = run.frames()
    if not steps:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="scrubber"):
        step = _slider(run, steps)
        film = len(steps) > 2 and run.status.final and _play(run)
    dataset = _dataset(run)
    moment = _moment(run.id, step, steps[-1])
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        _map(run, step, moment, dataset, steps if film else [])
    with right:
        _gallery(moment, dataset)
    title = f"{dataset.title if dataset else run.spec.dataset}, {len(moment.y):,} validation images"
    axes = "principal components of the last frame"
    messages.provenance(data=title, model=run.title, step=step, seed=run.spec.seed, map=axes)


def _slider(run: Run, steps: list[int]) -> int:
    """The chosen frame; until somebody chooses one, the last.

    Each new frame makes a new slider: a value that the browser sends late cannot hold back one that follows a training.
    """
    if "_frame" not in st.session_state:
        st.session_state["_frame"] = run.id, _addressed(run, steps)
    elif st.session_state["_frame"][0] != run.id:
        _remember(run.id, None)
    _, chosen = st.session_state["_frame"]
    chosen = chosen if chosen in steps else steps[-1]
    if len(steps) == 1:
        return chosen
    key = f"frame-{run.id}-{steps[-1]}-{st.session_state.get('_plays', 0)}"
    return st.select_slider("Frame at step", steps, chosen, key=key, on_change=_choose, args=(run.id, key, steps[-1]))


def _addressed(run: Run, steps: list[int]) -> int | None:
    """The frame that the address names; None, and a note, for one that is not there, though it may come to be."""
    asked = st.query_params.get("frame", "")
    chosen = next((step for step in steps if str(step) == asked), None)
    if asked and chosen is None:
        url_notices.note("frame", asked, f"step {steps[-1]}" if run.status.final else "always the newest")
    return chosen


def _choose(id: str, key: str, last: int) -> None:
    _remember(id, None if st.session_state[key] == last else st.session_state[key])


def _remember(id: str, step: int | None) -> None:
    """Keep the choice, and put it into the address; the last frame needs no word."""
    st.session_state["_frame"] = (id, step)
    if step is not None:
        st.query_params["frame"] = str(step)
    elif "frame" in st.query_params:
        del st.query_params["frame"]


def _play(run: Run) -> bool:
    """A button that shows all frames in turn, up to the last."""

    def to_the_end() -> None:
        st.session_state["_plays"] = st.session_state.get("_plays", 0) + 1
        _remember(run.id, None)

    return st.button("Play", icon=":material/play_arrow:", on_click=to_the_end, key="play")


def _dataset(run: Run) -> DataSet | None:
    """The data set of the run, if it is still on this machine."""
    try:
        return data.load(run.spec.dataset, run.spec.train.get("size") or 0)
    except Refused:
        return None


# -------------------------------------------------------------------------------------------------- map


@st.cache_data(show_spinner=False, max_entries=128)
def _moment(run_id: str, step: int, last: int) -> Moment:
    frame = runs.get(run_id).frame(step)
    features, y = projections.scaled(frame["features"]), frame["y"].astype(int)
    gallery, measures = _named(frame, "gallery_"), _named(frame, "measure_")
    coords = projections.on_axes(frame["features"], _axes(run_id, last))
    box = np.stack([coords.min(0), coords.max(0)])
    if step != last:
        end = _moment(run_id, last, last).box
        box = np.stack([np.minimum(box[0], end[0]), np.maximum(box[1], end[1])])
    nearest = neighbours.examples(features, y, EXAMPLES, NEAR)
    return Moment(coords, box, y, frame["rows"].astype(int), nearest, gallery, measures)


def _named(frame: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, under the rest of their names."""
    return {name.removeprefix(prefix).replace("_", " "): it for name, it in frame.items() if name.startswith(prefix)}


@st.cache_data(show_spinner=False, max_entries=128)
def _axes(run_id: str, last: int) -> np.ndarray:
    """The two axes [D, 2] on which all frames of a run are drawn."""
    frame = runs.get(run_id).frame(last)
    return projections.common_axes(frame["features"], frame["y"].astype(int))


def _map(run: Run, step: int, moment: Moment, dataset: DataSet | None, film: list[int]) -> None:
    classes = dataset.classes if dataset else tuple(f"class {i}" for i in range(int(moment.y.max()) + 1))
    shown = [(name, i) for i, name in enumerate(classes) if (moment.y == i).any()]
    y = np.searchsorted([i for _, i in shown], moment.y)
    figure = figures.scatter(moment.coords, y, [name for name, _ in shown], moment.rows, height=HEIGHT)
    figure.update_layout(legend={"y": -0.02, "yanchor": "top"})
    boxes = [moment.box]
    if film:
        boxes += _film(figure, run, film, y, len(shown))
    low, high = np.min([box[0] for box in boxes], 0), np.max([box[1] for box in boxes], 0)
    margin = 0.04 * (high - low) + 1e-6
    (left, bottom), (right, top) = low - margin, high + margin
    figure.update_xaxes(range=[left, right]).update_yaxes(range=[bottom, top])
    images = pictures.thumbs(dataset, "validation") if dataset else None
    alt = f"Map of {len(moment.y):,} probe images at step {step:,} of {run.title}"
    figures.show(figure, "frame-map", alt, images=images)


def _film(figure: go.Figure, run: Run, steps: list[int], y: np.ndarray, classes: int) -> list[np.ndarray]:
    """Give the map all frames and a button that plays them; returns the box that each fills."""
    moments = [_moment(run.id, step, steps[-1]) for step in steps]
    parts = [y == i for i in range(classes)]
    figure.frames = [
        go.Frame(name=str(step), data=[{"x": m.coords[part, 0], "y": m.coords[part, 1]} for part in parts])
        for step, m in zip(steps, moments, strict=True)
    ]
    pace = {"frame": {"duration": PACE, "redraw": False}, "transition": {"duration": PACE, "easing": "linear"}}
    button = {"label": "Again", "method": "animate", "args": [None, {**pace, "mode": "immediate"}]}
    place = {"type": "buttons", "x": 1, "y": 0, "xanchor": "right", "yanchor": "bottom", "showactive": False}
    figure.update_layout(updatemenus=[{**place, "buttons": [button]}])
    return [np.percentile(m.coords, [2, 98], axis=0) for m in moments]  # stray points may leave the picture


# ---------------------------------------------------------------------------------------------- gallery


def _gallery(moment: Moment, dataset: DataSet | None) -> None:
    with st.container(key="gallery"):
        if moment.gallery:
            _reconstructions(moment, dataset)
        _measures(moment)
        if dataset is None:
            st.caption("The images themselves are not on this machine.")
            return
        st.markdown("**Nearest neighbours** of the framed image in this representation")
        near = {dataset.classes[moment.y[row[0]]]: row for row in moment.nearest}
        shown = {name: data.thumbnails(dataset, "validation", moment.rows[row]) for name, row in near.items()}
        alts = {name: [_alt(moment, dataset, i) for i in row] for name, row in near.items()}
        pictures.rows(shown, alts, marked=1)


def _reconstructions(moment: Moment, dataset: DataSet | None) -> None:
    """The first images, and below them what the network reconstructs or fills in."""
    shown = {} if dataset is None else {"image": data.thumbnails(dataset, "validation", moment.rows[:GALLERY])}
    shown |= {name: pictures.whole(images[:GALLERY]) for name, images in moment.gallery.items()}
    n = min(GALLERY, len(moment.rows))
    of = [_alt(moment, dataset, i) if dataset else f"probe image {i + 1}" for i in range(n)]
    alts = {name: [f"{name}: {text}" for text in of[: len(images)]] for name, images in shown.items()}
    pictures.rows(shown, alts)


def _measures(moment: Moment) -> None:
    """What the method measures of itself: a bar for each number of a vector."""
    for name, values in moment.measures.items():
        values = np.nan_to_num(values.astype(np.float32))
        if values.ndim != 1 or not len(values):
            continue
        unit = next((unit for word, unit in UNITS.items() if word in name.lower()), "")
        st.markdown(f"**{messages.plain(name[:1].upper() + name[1:])}**{unit and f' ({unit})'}")
        figure = figures.bars({name: values}, [str(i) for i in range(1, len(values) + 1)], height=BARS)
        figure.update_traces(marker={"color": figures.colour(0)})
        figure.update_xaxes(nticks=10)
        alt = f"{name}: {len(values)} bars from {values.min():.3g} to {values.max():.3g} {unit}"
        figures.show(figure, f"measure-{name}", alt.strip())


def _alt(moment: Moment, dataset: DataSet, i: int) -> str:
    row, one = int(moment.rows[i]), data.DISPLAYS[dataset.modality].one
    title = f"{dataset.classes[moment.y[i]]}, validation {one} {row}"
    return ": ".join(filter(None, [title, data.caption(dataset, "validation", row)]))
