"""One training: where it stands, its curves, frames and scores. Looks again by itself until it has ended."""

from collections.abc import Callable, Sequence
from functools import cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import data, engine, runs
from explorer.runs import Run, Spec, Status
from explorer.tasks import requests
from pages.ui.app import preload
from pages.ui.kit import identity, messages
from pages.ui.runs import ablation, curves, health, lineage, queue, run_list, scores, sweep, timeline

OFTEN, SELDOM = 1.0, 3.0  # seconds between two looks: at a training that goes on, while only others do


def watch(run: Run) -> None:
    """Show a training, and keep looking while it or another one goes on."""
    states = st.session_state["_states"] = engine.recent_snapshot().states
    every = OFTEN if not run.status.final else SELDOM if states else None  # a glance may not know a new run yet
    st.fragment(_look, run_every=every)(run.id, sweep.set_of(run), cache(lambda: ablation.twins(run)))


def _look(id: str, kin: Sequence[Run], twins: Callable[[], ablation.Twins] = ablation.Twins) -> None:
    """One look; when a training starts or ends, the whole page runs again, after a click here has had its effect.

    Whether anything is broken on purpose is asked last on the first visit: it needs torch, which that waits for.
    """
    run = runs.find(id)
    if run is None:  # deleted meanwhile, perhaps in another tab
        st.rerun()
    engine.reconcile()  # whoever watches sees to it that it goes on, should the engine have died
    status, rows = run.status, run.metrics()
    messages.look(curves.verdict(status, rows, run.scores()))
    _head(run, status)
    lineage.origin(run)
    _caveats(run, status)
    ahead, course = st.container(), st.empty()
    if asked := preload.done():
        _course(run, rows, twins, ahead, course)
    else:
        with course.container(), messages.guard():
            curves.curves(run, rows)
    with messages.guard():
        health.panel(run, rows)
    with messages.guard():
        timeline.scrubber(run)
        curves.more(run, rows)
    with messages.guard():
        scores.scorecard(run)
    entry = data.catalogue().get(run.spec.dataset)
    scores.origin(run, status, entry.title if entry else run.spec.dataset)
    if status.final:
        scores.onward(run)
    with messages.guard():
        sweep.siblings(run, kin)
    if not asked:
        _course(run, rows, twins, ahead, course, again=True)
    if engine.recent_snapshot().states != st.session_state.get("_states"):
        st.rerun()


def _course(
    run: Run,
    rows: curves.Rows,
    twins: Callable[[], ablation.Twins],
    ahead: DeltaGenerator,
    course: DeltaGenerator,
    again: bool = False,
) -> None:
    """What is broken, and the curves, with a twin's in the same figures; `again`: the run's own stand there already.

    What needs torch: what is to be said of the hyperparameters, and whether any is broken.
    """
    beside: ablation.Members = {}
    with ahead, messages.guard():
        if remark := requests.warning(run.spec):
            from pages.ui.sections import train_form

            messages.caveat(train_form.titled(str(run.spec.method), remark))
        beside = ablation.panel(run, rows, twins())
    if beside or not again:
        with course.container(), messages.guard():
            curves.curves(run, rows, beside)


def _head(run: Run, status: Status) -> None:
    """Where a training stands and what can be done about it; nothing once all is well and done."""
    if status.state == "done":
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        run_list.badge(status.state)
        st.markdown(messages.plain(_where(run, status)), width="stretch")
        if not status.final:
            run_list.stop(run)
        elif requests.resumable(run):
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
    """What has always to be said of this run: not bit-exact, a damaged checkpoint."""
    for words in dict.fromkeys(filter(None, [status.caveat, run.damage()])):
        messages.caveat(words)


def _where(run: Run, status: Status) -> str:
    """Where a training stands, in a few words."""
    if status.state == "queued" and not status.message:
        return queue.place(run)
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


def under_way(wish: Spec) -> Run | None:
    """A training of this browser that waits or runs and would do exactly what is wished for."""
    same = ("method", "dataset", "hyperparameters", "train")
    trainings = [run for run in engine.take_snapshot().runs if run.spec.kind == "train" and identity.mine(run)]
    return next((run for run in trainings if all(getattr(run.spec, k) == getattr(wish, k) for k in same)), None)
