"""A training in time: the maps of the probe images at a step with their slider, and the gallery of that step."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from explorer.runs import Run
from pages.ui.kit import figures, messages, url_notices, url_state
from pages.ui.kit import scrubber as scrubbers
from pages.ui.runs import chosen_frame, curves, frames, moments
from pages.ui.runs.frames import Moment

HEIGHT, BARS = 360, 110  # pixels
NARROW = 280  # pixels: the least width of a map beside another one
PROJECTION = (
    "Projection: what the loss compares, at unit length, on one plane and at one scale for all steps. The circle is "
    "the outline of the unit sphere. One point: all images are alike, as before training or after a collapse."
)
Part = Callable[[], None]  # draws a part of the page
UNITS = {"kl": "nats", "cosine": "1 = the same direction", "share": "of 1"}  # by a word of the name
FILM = curves.FILM


class Side(NamedTuple):
    """A run whose maps are shown, what is waited for before its first frame, and its name beside another one."""

    run: Run
    waiting: str = ""
    name: str = ""


class Asked(NamedTuple):
    """Where the slider stands, which moves all runs of its group to the same share of training."""

    step: int | None  # of its own run; None before the first frame
    of: int  # steps that the training of that run takes; 0: not known

    def nearest(self, run: Run, steps: Sequence[int]) -> int:
        """The step of a run that is nearest, the later of two; the last if none was asked for.

        The same rule as `nearest` of chart_moments.js, in the same order of computation.
        """
        if self.step is None:
            return steps[-1]
        of = run.status.steps
        wanted = self.step / self.of * of if self.of and of else self.step
        return min(reversed(steps), key=lambda step: abs(step - wanted))


def scrubber(run: Run) -> None:
    """The maps with their slider, and beside them the gallery of that step; nothing before the first frame."""
    if not run.frames():
        return
    left, right = st.columns([0.58, 0.42], gap="medium")
    with left:
        maps(Side(run))
    with right:
        gallery(run)
    origin(run)


def maps(*sides: Side) -> None:
    """The maps of one or two runs at the chosen step of the first, and the one slider that moves them all.

    Of one run the projection stands beside the representation, of two below it; where there is no room, they stack.
    """
    projecting = any(frames.projects(side.run) for side in sides)
    corners = frames.common_box([side.run for side in sides])
    asked, several = _asked(sides[0].run), len(sides) > 1
    representations = [partial(_representation, side, asked, corners) for side in sides]
    projections = [partial(_projection, side, asked) for side in sides if projecting]
    slider = partial(_slider, sides[0].run, asked)
    rows = [representations, slider, projections] if several else [[*representations, *projections], slider]
    with st.grid(
        2 if several or projecting else 1, min_column_width=NARROW, gap=("xxsmall", "medium"), key="frames"
    ) as grid:
        for row in rows:
            _row(grid, row)
        if projecting:
            _row(grid, partial(messages.caption, PROJECTION))


def _row(grid: GridContainer, row: Part | Sequence[Part]) -> None:
    """Parts side by side, or one over the whole width; an error in one leaves the others standing."""
    for part in row if isinstance(row, Sequence) else [row]:
        with grid.cell(column_span="all" if part is row else 1), messages.guard():
            part()


def _asked(run: Run) -> Asked:
    """What the slider shows."""
    steps = run.frames()
    return Asked(at(run, steps) if steps else None, run.status.steps)


def _slider(run: Run, asked: Asked) -> None:
    scrubbers.show(f"frames-{run.id}", run.frames(), asked.step or 0, FILM, asked.of, [moments.moving(run)])


def _representation(side: Side, asked: Asked, corners: frames.Corners) -> None:
    title = f"Representation: {side.name}" if side.name else "Map of the representation"
    steps = side.run.frames()
    drawn = partial(frames.figure, height=HEIGHT, corners=corners)
    _map(side, f"frame-map-{side.run.id}", title, steps, asked, drawn)


def _projection(side: Side, asked: Asked) -> None:
    title = f"Projection: {side.name}" if side.name else "Map of the projection"
    steps = frames.projected(side.run)
    waiting = "Not stored by the version that made this run" if side.run.frames() else side.waiting
    drawn = partial(frames.projection_figure, height=HEIGHT)
    _map(side._replace(waiting=waiting), f"frame-projection-{side.run.id}", title, steps, asked, drawn, "projection")


def _map(
    side: Side,
    key: str,
    title: str,
    steps: list[int],
    asked: Asked,
    drawn: Callable[..., figures.Stored],
    kind: str = "",
) -> None:
    """A map of a run at its step that is nearest to the one asked for; before the first, what is waited for."""
    run, known = side.run, frames.source(side.run)
    more = {"title": title, "model": run.title}
    if not steps:
        figures.show(figures.waiting(side.waiting, HEIGHT), key, f"{title} of {run.title}: {side.waiting}", **more)
        return
    step = asked.nearest(run, steps)
    film = figures.Film(steps, step, frames.film_address(run, steps, kind), FILM, asked.step or 0, run.status.steps)
    images = frames.thumbs(run)
    named = known.title if known else run.spec.dataset
    alt = f"{title} of {run.title} at step {step:,}: the probe images, coloured by class"
    figures.show(drawn(run, step, steps), key, alt, images=images, film=film, data=named, **more)


def at(run: Run, steps: list[int]) -> int:
    """The step that is shown; until somebody chooses one, the last."""
    _read(run, steps)
    moved, seen = scrubbers.moment(f"frames-{run.id}"), st.session_state.setdefault("_moved", {})
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
    found_again = "frame" not in url_state.names() and chosen_frame.returns(run.id)
    if found_again or chosen_frame.of_another(run.id):
        _remember(run.id, chosen_frame.of(run.id))
    else:
        chosen_frame.keep(run.id, _addressed(run, steps))


def _addressed(run: Run, steps: list[int]) -> int | None:
    """The frame that the address names; None, and a note, for one that is not there, though it may come to be."""
    asked = url_state.read("frame")
    chosen = next((step for step in steps if str(step) == asked), None)
    if asked and chosen is None:
        url_notices.note("frame", asked, f"step {steps[-1]}" if run.status.final else "always the newest")
    return chosen


def _remember(id: str, step: int | None) -> None:
    """Keep the choice, and put it into the address; the last frame needs no word."""
    chosen_frame.keep(id, step)
    url_state.put("frame", None if step is None else str(step))


def origin(run: Run) -> None:
    """Where the map comes from."""
    steps, known = run.frames(), frames.source(run)
    if not steps:
        return
    step = at(run, steps)
    n = len(frames.moment(run.id, step, steps[-1]).y)
    title = f"{known.title if known else run.spec.dataset}, {n:,} validation images"
    axes = "principal components of the last frame"
    messages.provenance(data=title, model=run.title, step=step, seed=run.spec.seed, map=axes)
    moments.film_links(run)
    if not frames.projects(run) and any("project_spread" in row for row in run.metrics()):
        messages.caption("This run was made by a version that did not store a map of its projection.")


# ---------------------------------------------------------------------------------------------- gallery


def gallery(run: Run, waiting: str = "") -> None:
    """The neighbours of some images at the chosen step, what the network reconstructs, what the method measures."""
    steps = run.frames()
    with st.container(key="gallery"):
        if not steps:
            st.caption(waiting)
            return
        step = at(run, steps)
        moment, parts = frames.moment(run.id, step, steps[-1]), moments.parts(run, step, steps[-1])
        scrubbers.place(run.id, "numbers", parts["numbers"])
        if moment.gallery:
            scrubbers.place(run.id, "gallery", parts["gallery"])
        _measures(moment)
        if not parts["neighbours"]:
            st.caption("The images themselves are not on this machine.")
        else:
            messages.prose("**Nearest neighbours** of the framed image in this representation")
            scrubbers.place(run.id, "neighbours", parts["neighbours"])
        if parts["confusion"]:
            with st.expander("Confusion of kNN at this step", icon=":material/grid_on:", key=f"confusion-{run.id}"):
                scrubbers.place(run.id, "confusion", parts["confusion"])


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
