"""What a student starts in a step: what may be changed, the button with its time, and the live picture."""

import time
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from explorer.lessons import Step, classroom, starts
from explorer.runs import Run, Spec
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, forms, messages, url_state
from pages.ui.runs import curve_sentences, curves, eta, job_progress, ownership, polling, run_list, timeline
from pages.ui.sections import embeddings as embeddings_section
from pages.ui.sections import lesson_pictures, transfer

EVERY = 1.0  # seconds between two polls
WORDS = {
    "training": ("Start training", "play_circle"),
    "transfer": ("Start the transfer", "move_up"),
    "map": ("Draw the map", "bubble_chart"),
}
UNKNOWN = "Nothing like it was run on this machine yet, so its time is not known."


class Place(NamedTuple):
    """A step of a lesson, and who looks at it."""

    lesson: str
    number: int
    step: Step
    person: str

    @property
    def key(self) -> str:
        """The beginning of the keys of its widgets."""
        return f"lesson.{self.lesson}.{self.number}"


def _started(place: Place) -> dict[int, str]:
    """The runs of the visitor in this lesson, by step; without cookies they are known as long as the page stands."""
    known = classroom.record(place.lesson, place.person).runs
    return known if place.person else st.session_state.get("_started", {}).get(place.lesson, {})


def forget(lesson: str) -> None:
    """A browser without cookies has started nothing in a lesson."""
    st.session_state.get("_started", {}).pop(lesson, None)


def started(place: Place) -> Run | None:
    """The run that the visitor has started in this step, if it is still there."""
    return ownership.find(_started(place).get(place.number, ""))


def own_run(place: Place) -> Run | None:
    """The last run of the visitor that was started in this step or before: what a reveal reads."""
    known = _started(place)
    before = [known[number] for number in sorted(known, reverse=True) if number <= place.number]
    return next((run for id in before if (run := ownership.find(id))), None)


def controls(place: Place, allowed: bool) -> None:
    """What may be changed, the button, and how long it will take."""
    start = place.step.start
    with messages.guard():
        changed = _form(place) if start.change else {}
        spec = starts.spec(start, changed, place.person, place.lesson)
        again = started(place) is not None
        label, icon = WORDS[start.job]
        style = {"type": "secondary" if again else "primary", "icon": f":material/{icon}:", "width": "stretch"}
        words = f"{label} again" if again else label
        actions.button(words, _start, place, tuple(changed), key="lesson-start", disabled=not allowed, **style)
        st.caption(_note(spec, allowed))


def _note(spec: Spec, allowed: bool) -> str:
    if not allowed:
        return "Guess first, then start it."
    seed = f" Your own seed, {spec.seed}, draws all random numbers; everyone has another." if spec.kind != "map" else ""
    return messages.sentence(eta.of([spec]) or UNKNOWN) + seed


def _form(place: Place) -> dict[str, Any]:
    """The hyperparameters that the student may change, as on the form of a full page."""
    start = place.step.start
    if start.job != "training":
        defaults = _typed(place)
        return forms.hyperparameters(TASKS[start.job].Config, place.key, defaults, only=start.change, columns=1)
    from explorer.core import TrainConfig
    from explorer.methods import METHODS

    cls, places = METHODS[start.method], starts.hyperparameters(start.method)
    own, every = starts.sorted_out(start.method, start.settings)
    config, training = cls.hyperparameters(own).model_dump(), cls.training(every).model_dump()
    values = {}
    for of_method, model, given in ((True, cls.Config, config), (False, TrainConfig, training)):
        names = [places[word][1] for word in start.change if places[word][0] == of_method]
        if names:
            values |= forms.hyperparameters(model, place.key, given, only=names, columns=1)
    return values


def _typed(place: Place) -> dict[str, Any]:
    """The settings of a step as the options of its job."""
    spec = starts.spec(place.step.start, {}, place.person)
    return TASKS[place.step.start.job].config(spec).model_dump()


def _start(place: Place, changed: tuple[str, ...]) -> None:
    """Submit what the step starts, with what was changed just before the click; one that waits is shown instead."""
    before = started(place)
    if before and not before.status.final:
        return
    values = forms.current(place.key, changed)
    run = ownership.submit(starts.spec(place.step.start, values, place.person, place.lesson))
    if place.person:
        classroom.started(place.lesson, place.person, place.number, run.id)
    else:
        st.session_state.setdefault("_started", {}).setdefault(place.lesson, {})[place.number] = run.id


# ------------------------------------------------------------------------------------------------------- live


def live(place: Place, run: Run) -> None:
    """The picture of what was started; it follows it until it has ended."""
    with messages.guard():
        if run.spec.kind == "transfer":
            transfer.watch(run)
        elif run.spec.kind == "map":
            _map(run)
        else:
            final = run.status.final
            polling.poll(run.id, partial(_training, final=final), None if final else EVERY)


def _training(run: Run, final: bool) -> None:
    """A training as it stands; when it has ended, the whole page runs again, and the reveal with it."""
    status, rows = run.status, run.metrics()
    if status.final != final:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson-head"):
        run_list.badge(status.state)
        st.markdown(messages.plain(_progress(run)), width="stretch")
        if status.final:
            url_state.link("runs", "All about this run", "open_in_new", run=run.id)
        else:
            run_list.stop(run)
    if status.state == "failed":
        messages.show_error(messages.failure(status.error))
    st.progress(1.0 if status.final else min(1.0, status.step / max(1, status.steps)))
    curves.knn(run, rows).show()
    timeline.scrubber(run)


def _progress(run: Run) -> str:
    status = run.status
    if status.state == "done":
        return f"{run.title}, seed {run.spec.seed}"
    if status.state == "running" and 0 < status.step < status.steps:
        left = f", {curve_sentences.left(status)}" if curve_sentences.left(status) else ""
        return f"step {status.step:,} of {status.steps:,}{left}"
    since = f", {time.time() - status.started:.0f} s" if status.started and not status.final else ""
    return (status.message or job_progress.progress(run, status)) + since


def _map(run: Run) -> None:
    from explorer import data

    dataset = data.load(run.spec.dataset)
    embeddings_section.legend(dataset)
    lesson_pictures.one_map(run, dataset, f"lesson-started-{run.id}", run.title)
