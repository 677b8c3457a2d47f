"""One training: its progress, curves, frames and scores. It is polled until it has ended."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer import data, engine
from explorer.runs import Run, Spec, Status
from explorer.tasks.training import request as training_request
from pages.ui.kit import messages, preload
from pages.ui.kit.watch import bar, word
from pages.ui.runs import (
    ablation,
    class_balance,
    code,
    curves,
    frames,
    health,
    hyperparameters,
    lineage,
    live,
    ownership,
    polling,
    run_list,
    scores,
    stories,
    sweep,
    timeline,
)

SELDOM = 3.0  # seconds between two looks while only other trainings go on
# Every poll makes these places, in this order, whether there is something to put into them or not, and each stays a
# container: Streamlit addresses what is on a page by its position (see pages/ui/app/message_queue.py).
PLACES = (
    "lead", "head", "failure", "caveats", "origin", "first", "second", "health", "third", "ablation", "more", "scores",
    "provenance", "sweep", "hyperparameters",
)  # fmt: skip
Part = Callable[[], None]  # draws a part of the page
Parts = dict[str, Part]  # by their places, in the order in which they are drawn


def watch(run: Run) -> None:
    """Show a training, and follow it while it or another one goes on."""
    states = st.session_state["_states"] = engine.recent_snapshot().states
    torch = st.session_state["_torch"] = preload.done()
    every = live.pace(run) or (SELDOM if states else None if torch else live.OFTEN)
    related = cache(lambda: ablation.related(run))
    beside = {"siblings": sweep.set_of(run), "related": related, "continued": lineage.continuations(run)}
    polling.poll(run.id, partial(draw, **beside), every, partial(live.source, run))
    if run.status.final:  # not inside what is polled: an export is polled by itself
        with messages.guard():
            scores.onward(run)
        with messages.guard():
            code.show(run)


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
    _fill(places, _above(run, status, rows, continued))
    compared = _compared(run, rows, related, places["ablation"])
    _fill(places, _pictures(run, rows, compared) | _below(run, status, rows, siblings))
    late = preload.done() and not st.session_state.get("_torch", True)
    if late or engine.recent_snapshot().states != st.session_state.get("_states"):
        st.rerun()


def _fill(places: Mapping[str, DeltaGenerator], parts: Parts) -> None:
    """Draw parts of the page into their places; an error in one leaves the others standing."""
    for name, part in parts.items():
        with places[name], messages.guard():
            part()


def _above(run: Run, status: Status, rows: curves.Rows, continued: Sequence[Run]) -> Parts:
    """What stands above the pictures."""
    return {
        "lead": partial(_lead, run, status, rows),
        "head": partial(_head, run, status, continued),
        "failure": partial(_failure, run, status),
        "caveats": partial(_caveats, run, status),
        "origin": partial(lineage.origin, run, continued),
    }


def _below(run: Run, status: Status, rows: curves.Rows, siblings: Sequence[Run]) -> Parts:
    """What stands below the pictures."""
    return {
        "more": partial(curves.more, run, rows),
        "scores": partial(scores.table, run),
        "provenance": partial(_provenance, run, status, rows),
        "sweep": partial(sweep.show, run, siblings),
        "hyperparameters": partial(hyperparameters.show, run),
    }


# -------------------------------------------------------------------------------------------------- the pictures


class Comparison(NamedTuple):
    """What a training is compared with: its control run or its ablations, where there are any."""

    related: ablation.Related = ablation.Related()
    rows: ablation.Members = {}  # of all of them, by name
    other: Run | None = None  # the one whose map stands beside


def _compared(
    run: Run, rows: curves.Rows, related: Callable[[], ablation.Related], place: DeltaGenerator
) -> Comparison:
    """What this training is compared with, and in its place the panel that says so."""
    compared = Comparison()
    with place, messages.guard():
        if preload.done():
            related_runs = related()
            compared = Comparison(
                related_runs, ablation.members(run, rows, related_runs), next(iter(ablation.others(related_runs)), None)
            )
            _warning(run)
            ablation.panel(run, related_runs, compared.rows)
    return compared


def _pictures(run: Run, rows: curves.Rows, compared: Comparison) -> Parts:
    """The maps and curves, and the health between them: before what stands below it, so that nothing is pushed down."""
    parts = {"first": partial(_maps, run, rows, compared)}
    if compared.other:
        parts["second"] = partial(_curves, run, rows, compared.rows)
    parts["health"] = partial(health.panel, run, rows)
    return parts | {"third": partial(_frame, run, rows, compared)}


def _maps(run: Run, rows: curves.Rows, compared: Comparison) -> None:
    """The maps at a step beside the kNN accuracy; with a control run the maps of both."""
    here, other = timeline.Side(run, curves.waiting(run)), compared.other
    if other is None:
        wide = 2 if frames.projects(run) else 1
        knn = live.knn(run, rows, compared.rows)
        return _beside(partial(timeline.maps, here), knn.show, widths=(wide, 1))
    names = [ablation.CONTROL, ablation.ABLATION]
    own, its = reversed(names) if compared.related.ablated else names
    return timeline.maps(here._replace(name=own), timeline.Side(other, curves.waiting(other), its))


def _curves(run: Run, rows: curves.Rows, of_all: ablation.Members) -> None:
    """The curves of a training and of what it is compared with, in the same figures."""
    _beside(lambda: live.knn(run, rows, of_all).show(), lambda: curves.loss(run, rows, of_all).show())


def _frame(run: Run, rows: curves.Rows, compared: Comparison) -> None:
    """The loss, unless it stands above, and where the map comes from; beside them the images at this step."""

    def left() -> None:
        if not compared.other:
            curves.loss(run, rows).show()
        timeline.origin(run)

    _beside(left, partial(timeline.gallery, run, curves.waiting(run)))


def _beside(*parts: Part, widths: Sequence[int] = (1, 1)) -> None:
    """Parts side by side; an error in one leaves the other standing."""
    for column, part in zip(st.columns(widths, gap="medium"), parts, strict=True):
        with column, messages.guard():
            part()


def _warning(run: Run) -> None:
    """What the hyperparameters of this run do that nobody expects."""
    if warning := training_request.warning(run.spec):
        from pages.ui.kit import method_labels

        messages.caveat(method_labels.titled(str(run.spec.method), warning))


# ------------------------------------------------------------------------------------------------- above and below


def _lead(run: Run, status: Status, rows: curves.Rows) -> None:
    """The sentence below the question."""
    messages.lead_sentence(live.lead(run, status, rows))


def _provenance(run: Run, status: Status, rows: curves.Rows) -> None:
    """Where the figures come from, and where the images were while it learned from them."""
    entry = data.catalogue().get(run.spec.dataset)
    streamed = any(row.get("streamed") for row in rows)
    scores.origin(run, status, entry.title if entry else run.spec.dataset, streamed)


def _head(run: Run, status: Status, continued: Sequence[Run]) -> None:
    """The progress of a training and what can be done about it; once it is done, what it took.

    What the visitor has `continued` is not offered to be continued again.
    """
    done = status.state == "done"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head-done" if done else "head"):
        run_list.badge(status.state)
        word(f"{run.id}/progress", live.progress(run, status), {f"{run.id}/state": live.state(status)})
        with st.container(key="act", width="content"):
            if not status.final:
                run_list.stop(run)
            elif not done and training_request.resumable(run):
                if not lineage.continued_by_visitor(continued):
                    lineage.resume(run)
            elif status.state == "failed":
                scores.clone(run)
    with st.container(key="progress-ended" if status.final else "progress"):
        bar(f"{run.id}/share", live.share(status), "Progress of the training")


def _failure(run: Run, status: Status) -> None:
    """Why a training has failed, and the end of its log."""
    if status.state == "failed":
        messages.show_error(messages.failure(status.error))
        with st.expander("The end of its log"):
            st.code(run.log_tail() or "(empty)", language="text")


def _caveats(run: Run, status: Status) -> None:
    """The caveats of this run: not bit-exact, a damaged checkpoint; and those of its scores."""
    stories.words(run)
    for text in dict.fromkeys(filter(None, [status.caveat, run.damage()])):
        messages.caveat(text)
    class_balance.notes(run.scores() or {})


def under_way(spec: Spec) -> Run | None:
    """A training of this browser that waits or runs and does exactly what this spec says."""
    same = ("method", "dataset", "hyperparameters", "train")
    trainings = [run for run in engine.take_snapshot().runs if run.spec.kind == "train" and ownership.mine(run)]
    return next((run for run in trainings if all(getattr(run.spec, k) == getattr(spec, k) for k in same)), None)
