"""The measured answer of a step beside the guess, the class's guesses, and the class's runs, as dots."""

from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from explorer import Refused, people
from explorer.lessons import Entry, classroom, sources
from explorer.lessons.rules import Outcome
from explorer.runs import Run
from pages.ui.kit import actions, dots, figures, messages, url_state
from pages.ui.runs import polling
from pages.ui.sections import lesson_pictures, lesson_start
from pages.ui.sections.lesson_start import Place

EVERY = 4.0  # seconds between two looks at the class


def guess_of(place: Place) -> str:
    """What the visitor has guessed in this step; without cookies a guess lasts as long as the page."""
    kept = classroom.record(place.lesson, place.person).guesses.get(place.number)
    return kept or st.session_state.get("_guesses", {}).get((place.lesson, place.number), "")


def ask(place: Place, guess: str) -> None:
    """The question with its answers as buttons; once one is pressed, it says what was guessed."""
    predict = place.step.predict
    st.markdown(f"**{messages.plain(predict.question)}**")
    with st.container(horizontal=True, gap="small", key="lesson-answers"):
        for i, answer in enumerate(predict.answers):
            mine = answer == guess
            words = f"{messages.plain(answer)} · your guess" if mine else messages.plain(answer)
            style = {"type": "primary" if mine else "secondary", "disabled": bool(guess) and not mine}
            actions.button(words, _guess, place, answer, key=f"lesson-answer-{i}", **style)


def _guess(place: Place, answer: str) -> None:
    if place.person:
        classroom.guess(place.lesson, place.person, place.number, answer)
        return
    st.session_state.setdefault("_guesses", {}).setdefault((place.lesson, place.number), answer)


class Tally(NamedTuple):
    """How a visitor's guesses of a lesson went."""

    right: int  # as it was measured
    measured: int
    asked: int


def tally(entry: Entry, person: str) -> Tally:
    """Of the questions of a lesson: how many were guessed, and how many of those as it was measured."""
    outcomes = []
    steps = [Place(entry.name, i, step, person) for i, step in enumerate(entry.lesson.steps, 1) if step.predict]
    for place in steps:
        if guess := guess_of(place):
            with suppress(Refused):
                if outcome := _outcome(place, lesson_start.own_run(place)):
                    outcomes.append((guess, outcome.answer))
    return Tally(sum(guess == answer for guess, answer in outcomes), len(outcomes), len(steps))


def _outcome(place: Place, own: Run | None) -> Outcome | None:
    """The measured answer of a step with the visitor's own run; None while something of it is not there."""
    found = [sources.measured(source, own) for source in place.step.reveal.sources()]
    return None if None in found else place.step.reveal.outcome([each for each in found if each])


def forget(lesson: str) -> None:
    """The guesses of a browser without cookies in a lesson are gone."""
    kept = st.session_state.get("_guesses", {})
    st.session_state["_guesses"] = {place: answer for place, answer in kept.items() if place[0] != lesson}


def show(place: Place, guess: str, wide: bool = False) -> None:
    """The measured answer, and the class: side by side where there is room."""
    with st.container(border=True, key="lesson-reveal"), messages.guard():
        left, right = st.columns([0.54, 0.46], gap="large") if wide else (st.container(), st.container())
        outcome = None
        with left, messages.guard():
            outcome = _measured(place, guess)
        with right, messages.guard():
            st.markdown("**The guesses of the class**")
            draw = partial(_class, place, guess, outcome.answer if outcome else "")
            polling.poll(None, draw, EVERY)


def _measured(place: Place, guess: str) -> Outcome | None:
    """The measured answer with its source; a line that says what is missing while it is not there yet."""
    st.markdown("**Measured**")
    own = lesson_start.own_run(place)
    outcome = _outcome(place, own)
    if outcome is None:
        st.caption(_missing(own))
        return None
    right = outcome.answer == guess
    icon, words = ("check_circle", "as you guessed") if right else ("cancel", f"you guessed: {messages.plain(guess)}")
    st.markdown(f":material/{icon}: **{messages.plain(outcome.answer)}** · {words}")
    st.markdown(messages.plain(messages.sentence(outcome.reason)))
    rule = place.step.reveal
    limit, beside = getattr(rule, "limit", None), lesson_pictures.names(place.step.show)
    lesson_pictures.measured(list(outcome.measured), outcome.number, "lesson-measured", rule.at_least, limit, beside)
    _study(place)
    return outcome


def _study(place: Place) -> None:
    """The study that the numbers were read from, with its other arms and what the papers report."""
    if source := next((each for each in place.step.reveal.sources() if each.study), None):
        url_state.link("studies", "The whole study", "fact_check", study=source.study, on=source.data)


def _missing(own: Run | None) -> str:
    if own is None:
        return "It is read from your own run: start it above."
    if own.status.final:
        return "Your run has ended without scores: start it again."
    return "It is read from your own run, and appears when that has ended."


def _class(place: Place, guess: str, right: str) -> None:
    """All guesses, and below them the runs of all."""
    answers = place.step.predict.answers
    counts = {answer: len(of) for answer, of in classroom.tally(place.lesson, place.number, answers).items()}
    if not place.person and guess in counts:
        counts[guess] += 1  # of a browser without cookies, which is kept nowhere
    figure = dots.stacked(counts, guess, right)
    words = ", ".join(f"{answer} {n}" for answer, n in counts.items())
    figures.show(figure, "lesson-guesses", f"Guesses of the class: {words}")
    total = sum(counts.values())
    messages.caption(f"{total} {'guess' if total == 1 else 'guesses'}; the ring is yours.")
    if place.step.start and place.step.start.job != "map":
        _class_runs(place)


def _class_runs(place: Place) -> None:
    """Each person's run of this step as one dot."""
    found = classroom.runs_of_step(place.lesson, place.number)
    rows = _rows({person: run for person, run in found.items() if run.scores()}, place)
    if not rows:
        return
    messages.prose("**The runs of the class**, accuracy on test images")
    figure = dots.intervals(rows)
    figures.show(figure, "lesson-runs", f"Accuracy of the runs of {len(rows[0].values)} people")
    n = len(rows[0].values)
    messages.caption(f"{n} runs, each with its own seed; the ring is yours." if n > 1 else "One run so far.")


def _rows(found: dict[str, Run], place: Place) -> list[dots.Row]:
    """A row for each number that these runs have."""
    rows = []
    for number in classroom.NUMBERS if found else ():
        values = {person: value for person, run in found.items() if (value := _number(run, number)) is not None}
        if values and number != "linear":
            names = [people.name(person) for person in values]
            mine = list(values).index(place.person) if place.person in values else None
            spread = list(values.values())
            label = sources.title(number).removeprefix("accuracy, ")
            rows.append(dots.Row(label, spread, min(spread), max(spread), names, mine))
    return rows


def _number(run: Run, number: str) -> Any:
    return sources.dig(run.scores() or {}, number)
