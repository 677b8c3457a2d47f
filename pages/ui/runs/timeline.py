"""A training in time: the map of the probe images at a step with its slider, and the gallery of that step."""

import numpy as np
import streamlit as st

from explorer import data
from explorer.data import DataSet
from explorer.runs import Run
from pages.ui.kit import figures, messages, pictures, url_notices
from pages.ui.runs import chosen_frame, frames
from pages.ui.runs.frames import Moment

GALLERY = 8  # pictures
HEIGHT, BARS = 360, 110  # pixels
UNITS = {"kl": "nats", "cosine": "1 = the same direction", "share": "of 1"}  # by a word of the name
FILM = "run"  # maps of this group move together


def scrubber(run: Run) -> None:
    """The map with its slider, and beside it the gallery of that step; nothing before the first frame."""
    if not run.frames():
        return
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        map_panel(run, "")
    with right:
        gallery(run)
    origin(run)


def map_panel(run: Run, waiting: str, title: str = "Map of the representation", of: Run | None = None) -> None:
    """The map of a run at the chosen step; before the first frame, the words of what is waited for.

    `of` is the run that this one stands beside: its slider moves both.
    """
    key, steps = f"frame-map-{run.id}", run.frames()
    more = {"title": title, "model": run.title}
    if not steps:
        film = figures.Film([], 0, "", FILM)
        figures.show(figures.waiting(waiting, HEIGHT), key, f"{title} of {run.title}: {waiting}", film=film, **more)
        return
    step = at(run, steps) if of is None else _alike(run, of, steps)
    dataset = frames.dataset(run)
    film = figures.Film(steps, step, frames.film_address(run, steps), FILM)
    images = pictures.thumbs(dataset, "validation") if dataset else None
    figure = frames.figure(run, step, steps, HEIGHT)
    named = dataset.title if dataset else run.spec.dataset
    alt = f"{title} of {run.title} at step {step:,}: the probe images, coloured by class"
    figures.show(figure, key, alt, images=images, film=film, data=named, **more)


def at(run: Run, steps: list[int]) -> int:
    """The step that is shown; until somebody chooses one, the last."""
    _read(run, steps)
    moved, seen = figures.moment(f"frame-map-{run.id}"), st.session_state.setdefault("_moved", {})
    if moved is not None and seen.get(run.id) != moved:
        seen[run.id] = moved
        _remember(run.id, None if moved == steps[-1] else moved)
    chosen_frame.confirm(run.id)
    chosen = chosen_frame.of(run.id)
    return chosen if chosen in steps else steps[-1]


def _read(run: Run, steps: list[int]) -> None:
    """Take up what the address says, where it says something else than when this run was drawn last.

    What it says of another run is not for this one. A page that is found again as it was left shows the step that was
    chosen there. In both cases the address then names the step of this run.
    """
    if not chosen_frame.changed(run.id):
        return
    found_again = "frame" not in st.query_params and chosen_frame.returns(run.id)
    if found_again or chosen_frame.of_another(run.id):
        _remember(run.id, chosen_frame.of(run.id))
    else:
        chosen_frame.keep(run.id, _addressed(run, steps))


def _alike(run: Run, of: Run, steps: list[int]) -> int:
    """The step of a run at the share of its way that another has gone."""
    others = of.frames()
    share = others.index(at(of, others)) / max(1, len(others) - 1) if others else 1.0
    return steps[round(share * (len(steps) - 1))]


def _addressed(run: Run, steps: list[int]) -> int | None:
    """The frame that the address names; None, and a note, for one that is not there, though it may come to be."""
    asked = st.query_params.get("frame", "")
    chosen = next((step for step in steps if str(step) == asked), None)
    if asked and chosen is None:
        url_notices.note("frame", asked, f"step {steps[-1]}" if run.status.final else "always the newest")
    return chosen


def _remember(id: str, step: int | None) -> None:
    """Keep the choice, and put it into the address; the last frame needs no word."""
    chosen_frame.keep(id, step)
    if step is not None:
        st.query_params["frame"] = str(step)
    elif "frame" in st.query_params:
        del st.query_params["frame"]


def origin(run: Run) -> None:
    """Where the map comes from."""
    steps, dataset = run.frames(), frames.dataset(run)
    if not steps:
        return
    step = at(run, steps)
    n = len(frames.moment(run.id, step, steps[-1]).y)
    title = f"{dataset.title if dataset else run.spec.dataset}, {n:,} validation images"
    axes = "principal components of the last frame"
    messages.provenance(data=title, model=run.title, step=step, seed=run.spec.seed, map=axes)


# ---------------------------------------------------------------------------------------------- gallery


def gallery(run: Run, waiting: str = "") -> None:
    """The neighbours of some images at the chosen step, what the network reconstructs, what the method measures."""
    steps = run.frames()
    with st.container(key="gallery"):
        if not steps:
            st.caption(waiting)
            return
        moment, dataset = frames.moment(run.id, at(run, steps), steps[-1]), frames.dataset(run)
        if moment.gallery:
            _reconstructions(moment, dataset)
        _measures(moment)
        if dataset is None:
            st.caption("The images themselves are not on this machine.")
            return
        messages.prose("**Nearest neighbours** of the framed image in this representation")
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
