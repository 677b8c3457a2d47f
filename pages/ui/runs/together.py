"""Up to four trainings side by side, moved by one slider to the same share of training: maps, numbers, pictures."""

from collections.abc import Sequence

import streamlit as st

from explorer.runs import Run
from pages.ui.kit import figures, messages
from pages.ui.kit import scrubber as scrubbers
from pages.ui.runs import curves, frames, moments, ownership, probe_images, run_labels, timeline

MOST = 4  # runs
HEIGHT, CURVE = 320, 220  # pixels
BESIDE = "Beside it, at the same share of training"
MAPS = (
    "Each map has its own two axes, the same at all steps, and is laid on the first by one rotation or reflection, "
    "fitted to the last frames of both."
)


def section(run: Run) -> None:
    """A training in time on a page that is about its model, and up to three others beside it."""
    if len(run.frames()) < 2:
        return None
    others = {it.id: it for it in ownership.listing("train") if it.id != run.id and fits(it, run)}
    titles = run_labels.titles([run, *others.values()])
    chosen = st.multiselect(
        BESIDE, list(others), max_selections=MOST - 1, format_func=titles.get, key=f"beside-{run.id}"
    )
    some = [run, *(others[id] for id in chosen if id in others)]
    if len(some) == 1:
        return timeline.scrubber(run)
    return show(some, [titles[it.id] for it in some])


def fits(other: Run, run: Run) -> bool:
    """Whether one can stand beside the other: both have frames, of the same images."""
    return len(other.frames()) > 1 and probe_images.same(run, other)


def show(some: Sequence[Run], names: Sequence[str]) -> None:
    """The maps of these runs with one slider, the accuracy of all, and below each what its frames hold.

    A page may show the same runs once. Every panel stands at the same share of the training of its run.
    """
    some, names = list(some)[:MOST], list(names)[:MOST]
    first, group = some[0], f"together-{'-'.join(run.id for run in some)}"
    steps, key = first.frames(), f"slider-{'-'.join(run.id for run in some)}"
    moved = scrubbers.moment(key)
    at = moved if moved in steps else steps[-1]
    asked, corners = timeline.Asked(at, first.status.steps), frames.common_box(some)
    columns = st.columns(len(some), gap="small")
    for run, name, column in zip(some, names, columns, strict=True):
        with column, messages.guard():
            _map(run, name, first, asked, corners, group)
    scrubbers.show(key, steps, at, group, first.status.steps, [moments.moving(run) for run in some])
    with messages.guard():
        _accuracy(some, names, group)
    for run, name, column in zip(some, names, st.columns(len(some), gap="small"), strict=True):
        with column, messages.guard():
            _below(run, name, asked)
    messages.caption(MAPS)


def _map(run: Run, name: str, first: Run, asked: timeline.Asked, corners: frames.Corners, group: str) -> None:
    steps = run.frames()
    step = asked.nearest(run, steps)
    onto = "" if run.id == first.id else first.id
    address = frames.film_address(run, steps, f"onto={onto}" if onto else "")
    film = figures.Film(steps, step, address, group, asked.step or 0, run.status.steps)
    drawn = frames.figure(run, step, steps, HEIGHT, corners, onto)
    alt = f"Map of the representation of {name} at step {step:,}: the probe images, coloured by class"
    figures.show(drawn, f"{group}-{run.id}", alt, images=frames.thumbs(run), film=film, title=name, model=run.title)


def _accuracy(some: Sequence[Run], names: Sequence[str], group: str) -> None:
    """The kNN accuracy of all by the share of training."""
    series = {}
    for run, name in zip(some, names, strict=True):
        steps, values = curves.line(run.metrics(), "knn")
        if len(steps):
            series[name] = (100 * steps / max(1, run.status.steps), values)
    if not series:
        return
    figure = figures.curves(series, "share of the training in percent", "", height=CURVE)
    figure.update_yaxes(tickformat=".1~%").update_traces(hovertemplate="%{y:.1%}")
    title = "kNN accuracy on validation images (higher is better)"
    alt = f"kNN accuracy of {', '.join(names)} by share of training"
    figures.show(figure, f"{group}-knn", alt, title=title, cursor=figures.Cursor(group, 100))


def _below(run: Run, name: str, asked: timeline.Asked) -> None:
    """What the frame of a run holds besides its map."""
    steps = run.frames()
    step = asked.nearest(run, steps)
    parts = moments.parts(run, step, steps[-1])
    st.markdown(f"**{messages.plain(name)}**")
    for part in ("numbers", "gallery", "neighbours", "confusion"):
        if parts[part]:
            scrubbers.place(run.id, part, parts[part])
    moments.film_links(run)
