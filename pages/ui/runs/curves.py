"""Curves of a training, and what they say in words; from the rows that the run has stored."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer.evaluation import health
from explorer.runs import Run, derived
from pages.ui.kit import figures, messages, preload

POINTS = 600  # of one curve that travel to the browser
HEIGHT = 260  # pixels
PATIENCE = 0.5  # seconds that the page of an ended run waits for what its curve must beat
FILM = "run"  # the group of sliders that move with the maps of a run
MORE = "more-curves"  # the key of the fold
BETTER = {"higher": "higher is better", "lower": "lower is better"}
AXES = ("step", "epoch", "images", "seconds", "rate", "chance", "floor", "data", "watched", "solved")

Rows = Sequence[Mapping[str, Any]]
Line = tuple[np.ndarray, np.ndarray]
level, verdict = derived(health.level), derived(health.verdict)


@derived
def line(rows: Rows, name: str) -> Line:
    """Steps and values of everything that was written under this name, at most POINTS of them."""
    points = [(row["step"], row[name]) for row in rows if row.get(name) is not None]
    if len(points) > POINTS:
        points = [points[i] for i in np.linspace(0, len(points) - 1, POINTS).round().astype(int)]
    steps, values = np.array(points, np.float64).reshape(-1, 2).T
    return steps, values


@derived
def training(rows: Rows, name: str = "loss") -> Line:
    """A quantity on the training images: single batches, and at the end of each epoch the mean of it.

    In runs of older versions the last batch of an epoch may be small, and some losses depend on the size of a batch: it
    would be a dip.
    """
    means = [{"step": row["step"], name: row[f"train_{name}"]} for row in rows if f"train_{name}" in row]
    ends = {row["step"] for row in means}
    last = rows[-1] if len(rows) > 1 else {}
    if last.get("epoch", 0.5) % 1 == 0:  # its mean follows in a moment
        ends.add(last["step"])
    return line(sorted([row for row in rows if name in row and row["step"] not in ends] + means, key=_step), name)


def _step(row: Mapping[str, Any]) -> int:
    return row["step"]


@derived
def watched(rows: Rows) -> float | None:
    """The number of images that a run is evaluated on while it trains, as far as it is known."""
    return health.level(rows[::-1], "watched")


@derived
def evaluated(rows: Rows) -> int | None:
    """The step of the last evaluation, if there is any."""
    return next((row["step"] for row in reversed(rows) if row.get("knn") is not None), None)


def probes(rows: Rows, called: str = "probe images") -> str:
    """On which images a run is evaluated while it trains, in a few words."""
    n = watched(rows)
    return f"the {called}" if n is None else f"{n:,} {called}"


def waiting(run: Run) -> str:
    """What has to happen before there is anything to draw, or why nothing ever will be."""
    status = run.status
    if status.final:
        return "No curve: it was solved in one step" if status.state == "done" else "It ended before its first steps"
    if status.state != "running":
        return "Waiting for a free worker"
    if not status.steps:
        return messages.sentence(status.message or "Loading data").rstrip(".")
    return "The first steps are under way"


def knn(run: Run, rows: Rows, beside: Mapping[str, Rows] | None = None, height: int = HEIGHT) -> figures.Chart:
    """The kNN accuracy, whose labels no training step sees, with what it must beat.

    `beside` are the rows of several runs by name, these `rows` among them: then they stand in the same figure.
    """
    series = _with_points({name: line(of, "knn") for name, of in (beside or {"kNN accuracy": rows}).items()})
    alt = _alt(f"kNN accuracy on {probes(rows)}", run, series)
    figure = _knn(run, rows, series, height) if series else figures.waiting(waiting(run), height)
    title = f"kNN accuracy on validation images ({BETTER['higher']})"
    return figures.described(figure, "knn", alt, title=title, **about(run, "knn"))


def _knn(run: Run, rows: Rows, series: Mapping[str, Line], height: int) -> figures.Stored:
    known = references(run, rows)

    def drawn() -> go.Figure:
        figure = figures.curves(series, "step", "", roles=_roles(series), height=height)
        figure.update_yaxes(tickformat=".1~%").update_traces(hovertemplate="%{y:.1%}")
        n = watched(rows)
        for role, value in known.items():
            figures.level(figure, value, role, role=role, value=messages.percent(value, None if n is None else int(n)))
        return figure

    return figures.stored(("knn", run.id, version(series), tuple(known.items()), height), drawn, height)


def references(run: Run, rows: Rows) -> dict[str, float]:
    """What the curve must beat, as far as it is known: the network before its first step, raw pixels, their PCA."""
    first = _untrained(rows)
    known = {} if first is None else {"untrained": first}
    if preload.done():
        from pages.ui.runs import reference_lines  # brings torch

        known |= reference_lines.knn(run.spec, PATIENCE if run.status.final else 0)
    return known


@derived
def _untrained(rows: Rows) -> float | None:
    return next((row["knn"] for row in rows if row.get("knn") is not None and row["step"] == 0), None)


def _roles(series: Mapping[str, Line]) -> dict[str, str]:
    """The colour of each line by what it is: a control run, its ablation, or the run of the page alone."""
    if len(series) == 1:
        return dict.fromkeys(series, "model")
    return {name: next((role for role in figures.ROLES if name == role), "") for name in series}


def version(series: Mapping[str, Line]) -> tuple[object, ...]:
    """What tells one state of these curves from another: they only grow."""
    return tuple((name, len(x), float(x[-1]), float(y[-1]), float(y.sum())) for name, (x, y) in series.items())


def about(run: Run, key: str) -> dict[str, Any]:
    """What the chart of this key says of its run, and the name under which a watch finds its newest figure."""
    return {"data": run.spec.dataset, "model": run.title, "live": f"{run.id}/{key}",
            "cursor": figures.Cursor(FILM, run.status.steps)}  # fmt: skip


def _with_points(series: Mapping[str, Line]) -> dict[str, Line]:
    """Those that have a point."""
    return {name: line for name, line in series.items() if len(line[0])}


def _alt(what: str, run: Run, series: Mapping[str, Line]) -> str:
    return f"{what} of {run.title}, by step" + (f": {', '.join(series)}" if len(series) > 1 else "")


def loss(run: Run, rows: Rows, beside: Mapping[str, Rows] | None = None) -> figures.Chart:
    """The loss on training and validation images, with the loss of a network that has learned nothing."""
    beside = beside or {}
    own = next((f"{name}, validation" for name, of in beside.items() if of is rows), "validation")
    lines = _with_points({name: training(of) for name, of in (beside or {"training": rows}).items()})
    series = _with_points({**lines, own: line(rows, "val_loss")})
    members = {name: of for name, of in beside.items() if name in lines} or {"": rows}
    more = {"title": f"Loss ({BETTER['lower']})", **about(run, "loss")}
    return figures.described(_loss(run, series, members), "loss", _alt("Loss", run, series), **more)


def _loss(run: Run, series: Mapping[str, Line], members: Mapping[str, Rows]) -> figures.Stored | go.Figure:
    if not series:
        return figures.waiting(waiting(run), HEIGHT)
    if run.status.state == "done" and all(len(values) == 1 for _, values in series.values()):
        losses = "<br>".join(f"{messages.number(values[0])} on {name} images" for name, (_, values) in series.items())
        return figures.waiting(f"Solved in one step, so there is no curve. The loss is<br>{losses}", HEIGHT)
    levels = {name: tuple(_levels(members, name).items()) for name in ("chance", "floor")}

    def drawn() -> go.Figure:
        figure = figures.curves(series, "step", "", roles=_loss_roles(series), height=HEIGHT)
        for whose, chance in levels["chance"]:
            figures.level(figure, chance, f"chance{whose}")
        for whose, floor in levels["floor"]:
            _floor(figure, floor, f"minimum{whose}")
        return figure

    return figures.stored(("loss", run.id, version(series), *levels.values()), drawn, HEIGHT)


def _loss_roles(series: Mapping[str, Line]) -> dict[str, str]:
    return {name: "model" if name == "training" else role for name, role in _roles(series).items()}


def _levels(members: Mapping[str, Rows], name: str) -> dict[str, float]:
    """A level of the loss by whose it is, as it stands behind the level's name: nobody's where all have the same."""
    whose: dict[float | None, list[str]] = {}
    for member, rows in members.items():
        whose.setdefault(level(rows, name), []).append(member)
    alone = len(whose) == 1
    return {"" if alone else f" ({', '.join(of)})": level for level, of in whose.items() if level is not None}


def _floor(figure: go.Figure, floor: float, words: str) -> None:
    """The loss that no network gets below; an unseen point makes room for it and for its name below the line."""
    figures.level(figure, floor, words, above=False)
    room = floor - 0.12 * (max(float(np.max(curve.y)) for curve in figure.data) - floor)
    figure.add_scatter(x=[0], y=[room], mode="markers", opacity=0, showlegend=False, hoverinfo="skip")


@derived
def others(rows: Rows) -> list[str]:
    """Names of further quantities that this training logs, without their means and those on validation."""
    known = (*AXES, "loss", "knn", *health.METERS)
    names = dict.fromkeys(name for row in rows for name in row if name not in known)
    return [name for name in names if not name.startswith(("train_", "val_"))]


def more(run: Run, rows: Rows) -> None:
    """Everything else that was logged, folded away."""
    if not others(rows):
        return
    fold = st.expander("More curves", on_change="rerun", key=MORE)
    if not fold.open:
        return
    with fold, st.grid(2, min_column_width=300, gap="medium"):
        for name in others(rows):
            other(run, rows, name).show()


def other(run: Run, rows: Rows, name: str) -> figures.Chart:
    """A further quantity that was logged."""
    title, key = name.replace("_", " "), f"more-{name}"
    series = _with_points({"training": training(rows, name), "validation": line(rows, f"val_{name}")})
    drawn = partial(figures.curves, series, "step", "", height=200)
    figure = figures.stored((key, run.id, version(series)), drawn, 200)
    style = {"title": f"{title[:1].upper()}{title[1:]}", **about(run, key)}
    return figures.described(figure, key, f"{title} of {run.title}", **style)
