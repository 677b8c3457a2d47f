"""One training: its progress, curves, frames and scores. It is polled until it has ended."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import data, engine
from explorer.runs import Run, Spec, Status
from explorer.tasks.training import request as training_request
from pages.ui.kit import messages, preload
from pages.ui.runs import (
    ablation,
    curves,
    health,
    lineage,
    ownership,
    polling,
    queue,
    run_list,
    scores,
    sweep,
    timeline,
)

OFTEN, SELDOM = 1.0, 3.0  # seconds between two polls: of a training that goes on, while only others do


def watch(run: Run) -> None:
    """Show a training, and follow it while it or another one goes on."""
    states = st.session_state["_states"] = engine.recent_snapshot().states
    every = OFTEN if not run.status.final else SELDOM if states else None  # a snapshot may not know a new run yet
    related = cache(lambda: ablation.related(run))
    polling.poll(run.id, partial(draw, siblings=sweep.set_of(run), related=related), every)


def draw(run: Run, siblings: Sequence[Run], related: Callable[[], ablation.Related] = ablation.Related) -> None:
    """A training as it stands; when one starts or ends, the whole page runs again.

    On the first visit, whether anything is ablated comes last: it needs torch, and the page stands before torch does.
    """
    status, rows = run.status, run.metrics()
    messages.lead_sentence(curves.summary(status, rows, run.scores()))
    _head(run, status)
    lineage.origin(run)
    _caveats(run, status)
    above, figures = st.container(), st.empty()
    if torch := preload.done():
        _curves(run, rows, related, above, figures)
    else:
        with figures.container(), messages.guard():
            curves.curves(run, rows)
    with messages.guard():
        health.panel(run, rows)
    with messages.guard():
        timeline.scrubber(run)
        curves.more(run, rows)
    with messages.guard():
        scores.table(run)
    entry = data.catalogue().get(run.spec.dataset)
    scores.origin(run, status, entry.title if entry else run.spec.dataset)
    if status.final:
        scores.onward(run)
    with messages.guard():
        sweep.show(run, siblings)
    if not torch:
        _curves(run, rows, related, above, figures, again=True)
    if engine.recent_snapshot().states != st.session_state.get("_states"):
        st.rerun()


def _curves(
    run: Run,
    rows: curves.Rows,
    related: Callable[[], ablation.Related],
    above: DeltaGenerator,
    figures: DeltaGenerator,
    again: bool = False,
) -> None:
    """What is ablated, and the curves, those of a control run in the same figures; `again`: the run's own are there.

    This needs torch: the warning about the hyperparameters, and whether any is ablated.
    """
    beside: ablation.Members = {}
    with above, messages.guard():
        if warning := training_request.warning(run.spec):
            from pages.ui.kit import method_labels

            messages.caveat(method_labels.titled(str(run.spec.method), warning))
        beside = ablation.panel(run, rows, related())
    if beside or not again:
        with figures.container(), messages.guard():
            curves.curves(run, rows, beside)


def _head(run: Run, status: Status) -> None:
    """The progress of a training and what can be done about it; nothing once it is done."""
    if status.state == "done":
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        run_list.badge(status.state)
        st.markdown(messages.plain(_progress(run, status)), width="stretch")
        if not status.final:
            run_list.stop(run)
        elif training_request.resumable(run):
            lineage.resume(run)
        elif status.state == "failed":
            scores.clone(run)
    if status.steps and not status.final:
        st.progress(min(1.0, status.step / status.steps))
    if status.state == "failed":
        st.error(messages.sentence(status.error or "It left no reason"), icon=":material/error:")
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
    if status.state == "running" and 0 < status.step < status.steps:
        epochs = f"epoch {status.epoch:.1f} of {run.spec.train.get('epochs')}"
        rate = f"{status.rate:,.0f} images/s" if status.rate else ""
        return "  ·  ".join(filter(None, [epochs, rate, curves.left(status)]))
    return status.message


def under_way(spec: Spec) -> Run | None:
    """A training of this browser that waits or runs and does exactly what this spec says."""
    same = ("method", "dataset", "hyperparameters", "train")
    trainings = [run for run in engine.take_snapshot().runs if run.spec.kind == "train" and ownership.mine(run)]
    return next((run for run in trainings if all(getattr(run.spec, k) == getattr(spec, k) for k in same)), None)
