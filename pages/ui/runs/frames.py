"""What the stored frames of a training hold: the map of the probe images at a step, its neighbours, its gallery."""

import json
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer import Refused, data, descriptions, runs
from explorer.data import DataSet
from explorer.evaluation import neighbours, projections, sphere
from explorer.evaluation.comparison import alignment
from explorer.runs import Run
from explorer.tasks.stories import replayed
from explorer.tasks.stories.replayed import Source
from pages.ui.kit import chart, content, figures, pictures
from pages.ui.runs import probe_images

EXAMPLES, NEAR = 6, 6  # images whose neighbours are shown, and how many
FRAMED = 5  # frames, evenly spaced, that the scale of the map is fitted to
LEAST = 64  # pixels of a thumbnail
DISC = 1.04  # what the map of a projection shows to each side of its middle: the unit disc, with a margin


Corners = tuple[tuple[float, float], ...]  # lower left, upper right


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
        return replayed.own(run, _opened(name, run.spec.train.get("size") or 0, data.fingerprint(name)))
    except Refused:
        return None


def source(run: Run) -> Source | None:
    """The names of the classes and the pictures of the run's images: of its data set, else of the story it came in."""
    return replayed.source_of(run, dataset(run))


def thumbs(run: Run) -> str | None:
    """The address of one image's thumbnail, with `{id}` in the place of its row; None where there is none."""
    if known := dataset(run):
        return pictures.thumbs(known, "validation")
    return f"/film/{run.id}/image/{{id}}.png" if source(run) else None


@lru_cache(maxsize=4096)
def thumb(run_id: str, row: int) -> bytes | None:
    """The picture of one image of a run that came in a story, as PNG."""
    run = runs.find(run_id)
    there = replayed.thumbnails(run) if run is not None and replayed.about(run) else {}
    return pictures.png(there[row], least=LEAST) if row in there else None


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


def common_box(some: list[Run]) -> tuple[tuple[float, float], ...]:
    """The corners of what all frames of these runs fill: one scale for maps that stand beside each other."""
    boxes = [box(run.id, tuple(steps)) for run in some if (steps := run.frames())]
    if not boxes:
        return ()
    low, high = np.min([each[0] for each in boxes], 0), np.max([each[1] for each in boxes], 0)
    return tuple(low.tolist()), tuple(high.tolist())


@st.cache_data(show_spinner=False, max_entries=256)
def turn(run_id: str, last: int, onto: str, onto_last: int) -> np.ndarray:
    """The rotation or reflection `[2, 2]` that lays all maps of a run on those of another: one for all of its frames.

    Fitted to the images that the last frames of both have in common; none where those are too few.
    """
    own, other = runs.get(run_id), runs.get(onto)
    rows, others = (run.frame(step)["rows"] for run, step in ((own, last), (other, onto_last)))
    _, i, j = np.intersect1d(rows, others, return_indices=True)
    if not probe_images.same(own, other) or len(i) < alignment.LEAST:
        return np.eye(2)
    points = coordinates(run_id, last, last)[i], coordinates(onto, onto_last, onto_last)[j]
    return alignment.fit(*points).rotation


def aligned(run_id: str, step: int, last: int, onto: str = "") -> np.ndarray:
    """The coordinates `[N, 2]` at a step, laid on the maps of another run, if one is named."""
    coords, other = coordinates(run_id, step, last), runs.find(onto) if onto not in ("", run_id) else None
    steps = other.frames() if other else []
    return alignment.turned(coords, turn(run_id, last, onto, steps[-1])) if steps else coords


def figure(run: Run, step: int, steps: list[int], height: int, corners: Corners = (), onto: str = "") -> figures.Stored:
    """The map at a step, drawn once for all viewers; between these corners, else those that fit the run.

    It is laid on the maps of the run `onto`, if one is named.
    """
    known = source(run)
    corners = corners or common_box([run])
    version = (run.id, step, steps[-1], len(steps), height, version_of(known), corners, onto)
    return figures.stored(("frame", version), lambda: _drawn(run, step, steps, known, height, corners, onto), height)


def version_of(known: Source | None) -> str:
    """Changes with the pictures and the names of the classes."""
    return known.dataset.hash if known and known.dataset else "story" if known else ""


def _drawn(
    run: Run, step: int, steps: list[int], known: Source | None, height: int, corners: Corners, onto: str
) -> go.Figure:
    shown = moment(run.id, step, steps[-1])
    names, y = _classes(shown.y, known)
    drawn = figures.scatter(aligned(run.id, step, steps[-1], onto), y, names, shown.rows, height=height)
    (left, bottom), (right, top) = corners
    drawn.update_xaxes(range=[left, right]).update_yaxes(range=[bottom, top])
    return drawn.update_layout(legend={"y": -0.02, "yanchor": "top"}, uirevision=run.id)


def _classes(y: np.ndarray, known: Source | None) -> tuple[list[str], np.ndarray]:
    """The names of the classes that are there, and which of them each image [N] is of."""
    names = known.classes if known else tuple(f"class {i}" for i in range(int(y.max()) + 1))
    there = [i for i in range(len(names)) if (y == i).any()]
    return [names[i] for i in there], np.searchsorted(there, y)


# --------------------------------------------------------------------------------------------- projections


def projects(run: Run) -> bool:
    """Whether there is a map of what the loss compares, or will be; before the first frame its method knows."""
    return bool(projected(run)) if run.frames() else _has_projection(run.spec.method or "")


@cache
def _has_projection(method: str) -> bool:
    """Known without torch, so that no place moves once torch is there."""
    described = descriptions.read().methods.get(method)
    return described is not None and described.projects


def projected(run: Run) -> list[int]:
    """The steps whose frames hold the projection: all, but for what an older version has recorded."""
    steps = run.frames()
    if not steps or not _holds(run.id, steps[-1]):
        return []
    return steps if _holds(run.id, steps[0]) else [step for step in steps if _holds(run.id, step)]


@st.cache_data(show_spinner=False, max_entries=2048)
def _holds(run_id: str, step: int) -> bool:
    return sphere.STORED in runs.get(run_id).frame(step)


@st.cache_data(show_spinner=False, max_entries=64)
def _plane(run_id: str, step: int, before: int | None) -> sphere.Plane:
    """The plane of all frames up to this one; that of the frame `before` it has been asked for already."""
    steps = [each for each in projected(runs.get(run_id)) if each < step]
    previous = None if before is None else _plane(run_id, before, steps[-2] if len(steps) > 1 else None)
    return sphere.plane(sphere.opened(runs.get(run_id).frame(step)[sphere.STORED]), previous)


@st.cache_data(show_spinner=False, max_entries=64)
def _plane_axes(run_id: str, last: int) -> np.ndarray:
    """The axes `[P, 2]` on which the projections of all frames up to this one are drawn."""
    steps = [step for step in projected(runs.get(run_id)) if step <= last]
    planes = [_plane(run_id, step, before) for before, step in zip([None, *steps], steps, strict=False)]
    return planes[-1].axes


@st.cache_data(show_spinner=False, max_entries=512)
def projection_coordinates(run_id: str, step: int, last: int) -> np.ndarray:
    """Where the projections of the probe images lie at a step, in the unit disc [N, 2]."""
    points = sphere.opened(runs.get(run_id).frame(step)[sphere.STORED])
    return sphere.on_plane(points, _plane_axes(run_id, last))


def projection_figure(run: Run, step: int, steps: list[int], height: int) -> figures.Stored:
    """The map of the projection at a step, drawn once for all viewers."""
    known = source(run)
    version = (run.id, step, steps[-1], len(steps), height, version_of(known))
    return figures.stored(("projection", version), lambda: _disc(run, step, steps, known, height), height)


def _disc(run: Run, step: int, steps: list[int], known: Source | None, height: int) -> go.Figure:
    """Points in the unit disc, which fills the figure at every step of every run."""
    frame = run.frame(step)
    names, y = _classes(frame["y"].astype(int), known)
    coords = projection_coordinates(run.id, step, steps[-1])
    drawn = figures.scatter(coords, y, names, frame["rows"].astype(int), height=height)
    drawn.add_shape(type="circle", x0=-1, y0=-1, x1=1, y1=1, layer="below", line={"color": figures.LINE, "width": 1.5})
    drawn.update_xaxes(range=[-DISC, DISC]).update_yaxes(range=[-DISC, DISC])
    return drawn.update_layout(showlegend=False, uirevision=run.id)


# --------------------------------------------------------------------------------------------------- films


def film_address(run: Run, steps: list[int], kind: str = "") -> str:
    """Where a browser fetches all frames when somebody moves the slider: of a run's map, or of its `projection`.

    Or, as `onto=RUN`, of its map laid on those of another run.
    """
    return f"/film/{run.id}/{steps[-1]}.json{kind and f'?{kind}'}"


def film(run_id: str, last: int, of_projection: bool = False, onto: str = "") -> content.Content | None:
    """For each step up to this one, where the images of each class lie: JSON; None where there is no such frame."""
    run = runs.find(run_id)
    there = [] if run is None else projected(run) if of_projection else run.frames()
    steps = [step for step in there if step <= last]
    if not steps or steps[-1] != last:
        return None
    place = projection_coordinates if of_projection else partial(aligned, onto=onto)
    version = ("film", of_projection, run_id, last, len(steps), onto)
    return content.store().get(content.store().once(version, lambda: _film(run_id, steps, place), "json"))


def _film(run_id: str, steps: list[int], place: Callable[[str, int, int], np.ndarray]) -> bytes:
    y = runs.get(run_id).frame(steps[-1])["y"].astype(int)
    parts = [y == i for i in range(int(y.max()) + 1) if (y == i).any()]
    frames = {}
    for step in steps:
        coords = place(run_id, step, steps[-1]).astype(np.float32)
        frames[step] = [{"x": coords[part, 0], "y": coords[part, 1]} for part in parts]
    return json.dumps({step: chart.arrays(frame) for step, frame in frames.items()}, separators=(",", ":")).encode()
