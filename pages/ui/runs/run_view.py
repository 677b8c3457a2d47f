"""One training: its progress, curves, frames and scores. It is polled until it has ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import data, engine
from explorer.runs import Run, Spec, Status
from explorer.tasks.training import request as training_request
from pages.ui.kit import figures, messages, preload
from pages.ui.runs import (
    ablation,
    curves,
    health,
    hyperparameters,
    lineage,
    ownership,
    polling,
    queue,
    run_list,
    score_sentences,
    scores,
    sweep,
    timeline,
)

OFTEN, SELDOM = 1.0, 3.0  # seconds between two polls: of a training that goes on, while only others do
# Every poll makes these places, in this order, whether there is something to put into them or not, and each stays a
# container: Streamlit addresses what is on a page by its position (see pages/ui/app/message_queue.py).
PLACES = (
    "lead", "head", "failure", "caveats", "origin", "first", "second", "health", "third", "ablation", "more", "scores",
    "provenance", "sweep", "hyperparameters",
)  # fmt: skip
BESIDE = figures.FILM_HEIGHT  # pixels: the curve beside a map is as high as the map and its slider


def watch(run: Run) -> None:
    """Show a training, and follow it while it or another one goes on."""
    states = st.session_state["_states"] = engine.recent_snapshot().states
    torch = st.session_state["_torch"] = preload.done()
    every = OFTEN if not run.status.final else SELDOM if states else None  # a snapshot may not know a new run yet
    every = every or (None if torch else OFTEN)
    related = cache(lambda: ablation.related(run))
    kin = {"siblings": sweep.set_of(run), "related": related, "continued": lineage.continuations(run)}
    polling.poll(run.id, partial(draw, **kin), every)
    if run.status.final:  # not inside what is polled: an export is polled by itself
        with messages.guard():
            scores.onward(run)


def draw(
    run: Run,
    siblings: Sequence[Run],
    related: Callable[[], ablation.Related] = ablation.Related,
    continued: Sequence[Run] = (),
) -> None:
    """A training as it stands; when one starts or ends, the whole page runs again.

    Whether anything is ablated needs torch: on the first visit after a start of the server the page stands before, and
    runs again when torch is there.
    """
    status, rows = run.status, run.metrics()
    with st.container(key="watched", gap=None):
        places = {name: st.container(key=f"run-{name}") for name in PLACES}
    with _part(places["lead"]):
        known = {} if status.final else curves.references(run, rows)
        messages.lead_sentence(curves.summary(status, rows, run.scores(), known, score_sentences.chance(run)))
    with _part(places["head"]):
        _head(run, status, continued)
    with _part(places["failure"]):
        _failure(run, status)
    with _part(places["caveats"]):
        _caveats(run, status)
    with _part(places["origin"]):
        lineage.origin(run, continued)
    _pictures(run, rows, places, related)
    with _part(places["more"]):
        curves.more(run, rows)
    with _part(places["scores"]):
        scores.table(run)
    with _part(places["provenance"]):
        entry = data.catalogue().get(run.spec.dataset)
        scores.origin(run, status, entry.title if entry else run.spec.dataset)
    with _part(places["sweep"]):
        sweep.show(run, siblings)
    with _part(places["hyperparameters"]):
        hyperparameters.show(run)
    late = preload.done() and not st.session_state.get("_torch", True)
    if late or engine.recent_snapshot().states != st.session_state.get("_states"):
        st.rerun()


@contextmanager
def _part(place: DeltaGenerator) -> Iterator[None]:
    """A part of the page in its place; an error in it leaves the others standing."""
    with place, messages.guard():
        yield


def _pictures(
    run: Run, rows: curves.Rows, places: Mapping[str, DeltaGenerator], related: Callable[[], ablation.Related]
) -> None:
    """The map at a step beside the kNN accuracy, health, then the loss; with a control run two maps side by side."""
    kin, beside, other = ablation.Related(), {}, None
    with _part(places["ablation"]):
        if preload.done():
            kin = related()
            beside = ablation.members(run, rows, kin)
            other = next(iter(ablation.others(kin)), None)
            _warning(run)
            ablation.panel(run, kin, beside)
    words = curves.waiting(run)
    with _part(places["first"]):
        left, right = st.columns(2, gap="medium")
        with left, messages.guard():
            title = "Map of the representation"
            if other:
                title = f"Map: {ablation.ABLATION if kin.ablated else ablation.CONTROL}"
            timeline.map_panel(run, words, title)
        with right, messages.guard():
            if other:
                title = f"Map: {ablation.CONTROL if kin.ablated else ablation.ABLATION}"
                timeline.map_panel(other, curves.waiting(other), title, of=run)
            else:
                curves.knn(run, rows, height=timeline.HEIGHT + BESIDE)
    if other:
        with _part(places["second"]):
            left, right = st.columns(2, gap="medium")
            with left, messages.guard():
                curves.knn(run, rows, beside)
            with right, messages.guard():
                curves.loss(run, rows, beside)
    with _part(places["health"]):  # before what stands below it: nothing that stands is pushed down
        health.panel(run, rows)
    with _part(places["third"]):
        left, right = st.columns(2, gap="medium")
        with left, messages.guard():
            if not other:
                curves.loss(run, rows)
            timeline.origin(run)
        with right, messages.guard():
            timeline.gallery(run, words)


def _warning(run: Run) -> None:
    """What the hyperparameters of this run do that nobody expects."""
    if warning := training_request.warning(run.spec):
        from pages.ui.kit import method_labels

        messages.caveat(method_labels.titled(str(run.spec.method), warning))


def _head(run: Run, status: Status, continued: Sequence[Run]) -> None:
    """The progress of a training and what can be done about it; once it is done, what it took.

    What the visitor has `continued` is not offered to be continued again.
    """
    done = status.state == "done"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head-done" if done else "head"):
        run_list.badge(status.state)
        st.markdown(messages.plain(_progress(run, status)), width="stretch")
        with st.container(key="act", width="content"):
            if not status.final:
                run_list.stop(run)
            elif not done and training_request.resumable(run):
                if not lineage.continued_by_visitor(continued):
                    lineage.resume(run)
            elif status.state == "failed":
                scores.clone(run)
    with st.container(key="progress-ended" if status.final else "progress"):
        st.progress(min(1.0, status.step / status.steps) if status.steps else 0.0)


def _failure(run: Run, status: Status) -> None:
    """Why a training has failed, and the end of its log."""
    if status.state == "failed":
        messages.show_error(messages.failure(status.error))
        with st.expander("The end of its log"):
            st.code(run.log_tail() or "(empty)", language="text")


def _caveats(run: Run, status: Status) -> None:
    """The caveats of this run: not bit-exact, a damaged checkpoint."""
    for text in dict.fromkeys(filter(None, [status.caveat, run.damage()])):
        messages.caveat(text)


def _progress(run: Run, status: Status) -> str:
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
        return "  ·  ".join(filter(None, [epochs, rate, curves.left(status)]))
    return status.message


def _took(status: Status, trained: float | None) -> str:
    """The steps of a finished training, the time that they took, and the time that all of it took."""
    parts = [f"{status.steps:,} steps" if status.steps > 1 else "one step"]
    parts += [f"trained for {messages.duration(trained)}"] if trained else []
    if status.finished and status.started:
        parts.append(f"{messages.duration(status.finished - status.started)} with evaluation")
    return ", ".join(parts)


def under_way(spec: Spec) -> Run | None:
    """A training of this browser that waits or runs and does exactly what this spec says."""
    same = ("method", "dataset", "hyperparameters", "train")
    trainings = [run for run in engine.take_snapshot().runs if run.spec.kind == "train" and ownership.mine(run)]
    return next((run for run in trainings if all(getattr(run.spec, k) == getattr(spec, k) for k in same)), None)
