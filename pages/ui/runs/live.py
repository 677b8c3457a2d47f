"""What changes every second while a training goes on, and what tells whether anything else has: the same for all.

A browser looks at the `address` of a run (see `pages.ui.kit.watch`); what it finds is made once for all browsers.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from functools import lru_cache

import streamlit as st

from explorer import engine, runs
from explorer.runs import Run, Status
from pages.ui.kit import content, figures, messages, preload, scrubber, watch
from pages.ui.runs import ablation, curve_sentences, curves, health, queue, score_sentences, sweep, timeline

FRESH = 0.5  # seconds for which an answer is the newest
OFTEN, SOON = 1.0, 0.25  # seconds between two looks: at a training that goes on, and before its first step
RELATED = 10.0  # seconds for which the runs beside a run are, as long as no run starts or ends
REPORT = 60.0  # seconds in which an error of a run is logged once
MOVING = {"step", "epoch", "images", "rate", "heartbeat"}  # of the status: what the words and the bar say
States = tuple[tuple[str, str], ...]
log = logging.getLogger("unfold")


def source(run: Run) -> watch.Source:
    """Where the browsers that look at a run find out what has changed: all of it, or without the folded curves."""
    more = bool(st.session_state.get(curves.MORE))
    found = answer(run.id, more)
    stamp = "" if found is None else json.loads(found[1].unpacked())["stamp"]
    return watch.Source(f"/live/{run.id}.json{'?more' if more else ''}", stamp)


def answer(id: str, more: bool) -> tuple[str, content.Content] | None:
    """What a browser finds by now, and a name that tells it from all others; None if there is no such run."""
    run = runs.find(id)
    if run is None:
        return None
    now = int(time.monotonic() / min(FRESH, pace(run) or FRESH))
    name = content.store().once(("live", id, more), lambda: _encoded(run, more), "json", version=now)
    body = content.store().get(name)
    return None if body is None else (name, body)


def pace(run: Run) -> float | None:
    """Seconds between two looks at a run; None once it has ended: then the page says how often."""
    if run.status.final:
        return None
    rows = run.metrics()
    return OFTEN if rows and rows[-1].get("step") else SOON


def _encoded(run: Run, more: bool) -> bytes:
    try:
        news = _news(run, more)
    except Exception as error:  # the page says what is wrong, part by part: it is drawn as a whole now and then
        _report(run.id, repr(error), int(time.monotonic() / REPORT))
        news = {"stamp": str(int(time.time() / RELATED)), "charts": {}, "words": {}}
    return json.dumps(news | {"server": watch.SERVER, "every": pace(run)}, separators=(",", ":")).encode()


@lru_cache(maxsize=256)
def _report(id: str, error: str, when: int) -> None:
    """Log the error that is being handled; of a run the same one once at a time."""
    log.exception("What is new of '%s' is not known", id)


def _news(run: Run, more: bool) -> dict[str, object]:
    engine.reconcile()  # whoever watches sees to it that the job goes on, should the engine have died
    status, rows, states = run.status, run.metrics(), engine.recent_snapshot().states
    now = int(time.monotonic() / RELATED)
    related = _related(run, states, now) if preload.done() else ablation.Related()
    siblings = [it for it in _siblings(run, states, now) if runs.find(it.id)]
    charts = [*_charts(run, rows, ablation.members(run, rows, related), more)]
    others = [*map(_of_other, ablation.others(related)), *map(_of_sibling, siblings)]
    frames = [chart.frame() for chart in charts]
    parts = [_of_run(run, status, rows), others, frames, states, preload.done()]
    return {
        "stamp": hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest(),
        "charts": {chart.style["live"]: chart.figure.address for chart in charts},
        "words": {
            f"{run.id}/progress": progress(run, status),
            f"{run.id}/share": share(status),
            f"{run.id}/state": state(status),
        },
    }


@lru_cache(maxsize=64)
def _related(run: Run, states: States, when: int) -> ablation.Related:
    """What a run is compared with, as it was at a time: it reads all runs."""
    return ablation.related(run)


@lru_cache(maxsize=64)
def _siblings(run: Run, states: States, when: int) -> tuple[Run, ...]:
    """The runs of its sweep, as they were at a time: it reads all runs, too."""
    return tuple(sweep.set_of(run))


def _of_run(run: Run, status: Status, rows: curves.Rows) -> tuple[object, ...]:
    """All that the page of a run says of it, but for the charts and what moves."""
    steps = run.frames()
    sentences = lead(run, status, rows), curves.verdict(rows), curves.evaluated(rows), curves.others(rows)
    files = run.title, run.stop_requested(), run.damage(), bool(run.scores()), len(steps), steps[-1:]
    return *sentences, *files, status.model_dump(exclude=None if status.final else MOVING)


def _of_other(run: Run) -> tuple[object, ...]:
    """What the page of a run says of another one."""
    return run.id, run.title, run.status.state, bool(run.scores()), curves.evaluated(run.metrics())


def _of_sibling(run: Run) -> tuple[object, ...]:
    """What the page says of a run of the same sweep: the validation losses of all stand in one chart, too."""
    return *_of_other(run), sum("val_loss" in row for row in run.metrics())


# ------------------------------------------------------------------------------------------ charts and words


def _charts(run: Run, rows: curves.Rows, of_all: ablation.Members, more: bool) -> Iterator[figures.Chart]:
    """The charts whose figures change while the run goes on; the map has a slider, which is each visitor's own."""
    yield knn(run, rows, of_all)
    yield curves.loss(run, rows, of_all)
    yield from health.charts(run, rows)
    yield from (curves.other(run, rows, name) for name in curves.others(rows) if more)


def knn(run: Run, rows: curves.Rows, of_all: ablation.Members) -> figures.Chart:
    """The kNN accuracy; where it stands beside a map, as high as the map and its slider."""
    return curves.knn(run, rows, of_all, curves.HEIGHT if of_all else timeline.HEIGHT + scrubber.HEIGHT)


def lead(run: Run, status: Status, rows: curves.Rows) -> str:
    """The sentence below the question; before the scores are there, with what the run must beat."""
    known = {} if status.final else curves.references(run, rows)
    return curve_sentences.summary(status, rows, run.scores(), known, score_sentences.chance(run))


def share(status: Status) -> float:
    """How much of a training is done."""
    return round(min(1.0, status.step / status.steps), 4) if status.steps else 0.0


def state(status: Status) -> str:
    """What is spoken when the state of a training changes."""
    return f"State of the training: {status.state}"


def progress(run: Run, status: Status) -> str:
    """How far a training is, in a few words."""
    if status.state == "queued" and not status.message:
        return queue.position(run)
    if status.state == "stopped":
        kept = ", kept" if run.has_weights("last") else ""
        if status.step:
            return f"at step {status.step:,} of {status.steps:,}{kept}"
        return "before its first step" if status.started else "before it started"
    if status.state == "done":
        return _took(status, (run.scores() or {}).get("train_seconds"))
    if status.state == "running" and 0 < status.step < status.steps:
        epochs = f"epoch {status.epoch:.1f} of {run.spec.train.get('epochs')}"
        rate = f"{status.rate:,.0f} images/s" if status.rate else ""
        return "  ·  ".join(filter(None, [epochs, rate, curve_sentences.left(status)]))
    return status.message


def _took(status: Status, trained: float | None) -> str:
    """The steps of a finished training, the time that they took, and the time that all of it took."""
    parts = [f"{status.steps:,} steps" if status.steps > 1 else "one step"]
    parts += [f"trained for {messages.duration(trained)}"] if trained else []
    if status.finished and status.started:
        parts.append(f"{messages.duration(status.finished - status.started)} with evaluation")
    return ", ".join(parts)
