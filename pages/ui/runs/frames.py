"""What the stored frames of a training hold: the map of the probe images at a step, its neighbours, its gallery."""

import json
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer import Refused, data, runs
from explorer.data import DataSet
from explorer.evaluation import neighbours, projections
from explorer.runs import Run
from pages.ui.kit import chart, content, figures

EXAMPLES, NEAR = 6, 6  # images whose neighbours are shown, and how many
FRAMED = 5  # frames, evenly spaced, that the scale of the map is fitted to


class Moment(NamedTuple):
    """What one frame shows."""

    coords: np.ndarray  # [N, 2]
    y: np.ndarray  # [N]
    rows: np.ndarray  # [N], of validation
    nearest: np.ndarray  # [EXAMPLES, 1 + NEAR] positions: an image, then its neighbours
    gallery: dict[str, np.ndarray]  # pictures of the first images
    measures: dict[str, np.ndarray]  # vectors that the method measures of itself


def dataset(run: Run) -> DataSet | None:
    """The data set of the run, if it is still on this machine."""
    name = run.spec.dataset
    try:
        return _opened(name, run.spec.train.get("size") or 0, data.fingerprint(name))
    except Refused:
        return None


@lru_cache(maxsize=16)
def _opened(name: str, size: int, fingerprint: str) -> DataSet:
    """The data set, opened once for each state of its files."""
    return data.load(name, size)


@st.cache_data(show_spinner=False, max_entries=128)
def moment(run_id: str, step: int, last: int) -> Moment:
    """What the frame of this step shows, on the axes of the last."""
    frame = runs.get(run_id).frame(step)
    features, y = projections.scaled(frame["features"]), frame["y"].astype(int)
    nearest = neighbours.examples(features, y, EXAMPLES, NEAR)
    gallery, measures = _named(frame, "gallery_"), _named(frame, "measure_")
    return Moment(coordinates(run_id, step, last), y, frame["rows"].astype(int), nearest, gallery, measures)


def _named(frame: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, under the rest of their names."""
    return {name.removeprefix(prefix).replace("_", " "): it for name, it in frame.items() if name.startswith(prefix)}


@st.cache_data(show_spinner=False, max_entries=512)
def coordinates(run_id: str, step: int, last: int) -> np.ndarray:
    """Where the probe images lie at a step [N, 2], on the two axes of the last frame."""
    return projections.on_axes(runs.get(run_id).frame(step)["features"], _axes(run_id, last))


@st.cache_data(show_spinner=False, max_entries=512)
def _axes(run_id: str, last: int) -> np.ndarray:
    """The two axes [D, 2] on which all frames up to this one are drawn; they turn as little as possible with each."""
    run = runs.get(run_id)
    frame, earlier = run.frame(last), [step for step in run.frames() if step < last]
    if not earlier:
        return projections.common_axes(frame["features"], frame["y"].astype(int))
    return projections.following_axes(frame["features"], coordinates(run_id, earlier[-1], earlier[-1]))


@st.cache_data(show_spinner=False, max_entries=128)
def box(run_id: str, steps: tuple[int, ...]) -> np.ndarray:
    """The corners [2, 2] of what all frames fill, with a margin: one scale through time; stray points may leave it."""
    some = [steps[i] for i in np.linspace(0, len(steps) - 1, min(FRAMED, len(steps))).round().astype(int)]
    parts = [np.percentile(coordinates(run_id, step, steps[-1]), [1, 99], axis=0) for step in some]
    end = coordinates(run_id, steps[-1], steps[-1])
    low = np.min([part[0] for part in parts] + [end.min(0)], 0)
    high = np.max([part[1] for part in parts] + [end.max(0)], 0)
    margin = 0.04 * (high - low) + 1e-6
    return np.stack([low - margin, high + margin])


def figure(run: Run, step: int, steps: list[int], height: int) -> figures.Stored:
    """The map at a step, drawn once for all viewers."""
    known = dataset(run)
    version = (run.id, step, steps[-1], len(steps), height, known.hash if known else "")
    return figures.stored(("frame", version), lambda: _drawn(run, step, steps, known, height), height)


def _drawn(run: Run, step: int, steps: list[int], known: DataSet | None, height: int) -> go.Figure:
    shown = moment(run.id, step, steps[-1])
    names, y = _classes(shown.y, known)
    drawn = figures.scatter(shown.coords, y, names, shown.rows, height=height)
    (left, bottom), (right, top) = box(run.id, tuple(steps))
    drawn.update_xaxes(range=[left, right]).update_yaxes(range=[bottom, top])
    return drawn.update_layout(legend={"y": -0.02, "yanchor": "top"}, uirevision=run.id)


def _classes(y: np.ndarray, known: DataSet | None) -> tuple[list[str], np.ndarray]:
    """The names of the classes that are there, and which of them each image [N] is of."""
    names = known.classes if known else tuple(f"class {i}" for i in range(int(y.max()) + 1))
    there = [i for i in range(len(names)) if (y == i).any()]
    return [names[i] for i in there], np.searchsorted(there, y)


def film_address(run: Run, steps: list[int]) -> str:
    """Where a browser fetches all frames of a run when somebody moves the slider."""
    return f"/film/{run.id}/{steps[-1]}.json"


def film(run_id: str, last: int) -> content.Content | None:
    """For each step up to this one, where the images of each class lie: JSON; None where there is no such frame."""
    run = runs.find(run_id)
    steps = [step for step in run.frames() if step <= last] if run else []
    if not steps or steps[-1] != last:
        return None
    name = content.store().once(("film", run_id, last, len(steps)), lambda: _film(run_id, steps), "json")
    return content.store().get(name)


def _film(run_id: str, steps: list[int]) -> bytes:
    y = runs.get(run_id).frame(steps[-1])["y"].astype(int)
    parts = [y == i for i in range(int(y.max()) + 1) if (y == i).any()]
    frames = {}
    for step in steps:
        coords = coordinates(run_id, step, steps[-1]).astype(np.float32)
        frames[step] = [{"x": coords[part, 0], "y": coords[part, 1]} for part in parts]
    return json.dumps({step: chart.arrays(frame) for step, frame in frames.items()}, separators=(",", ":")).encode()
