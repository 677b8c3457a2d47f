"""One step of a lesson: progress, text, guess, start, live picture, reveal, and the way on."""

import streamlit as st

from explorer.lessons import Entry, classroom
from pages.ui.kit import actions, identity, messages, url_notices, url_state
from pages.ui.sections import lesson_pictures, lesson_reveal, lesson_start, lessons
from pages.ui.sections.lesson_start import Place

STEP = "step"  # in the address


def current(entry: Entry) -> int:
    """The step that the address names, the first unless it names one that there is."""
    asked, last = url_state.read(STEP), len(entry.lesson.steps)
    if asked and not (asked.isdecimal() and 1 <= int(asked) <= last):
        url_notices.note(STEP, asked, "step 1")
        return 1
    return int(asked or 1)


def show(entry: Entry) -> None:
    """The step of the address."""
    number = current(entry)
    place = Place(entry.name, number, entry.lesson.steps[number - 1], identity.me())
    _progress(number, len(entry.lesson.steps))
    guess = lesson_reveal.guess_of(place) if place.step.predict else ""
    with st.container(key="lesson-step"):
        _body(place, guess)
    _way_on(entry, place)


def _progress(number: int, last: int) -> None:
    """Step 3 of 6, in words and as dots."""
    made = "".join(f'<i class="{"on" if i < number else ""}"></i>' for i in range(last))
    st.html(f'<p class="unfold-steps">Step {number} of {last} <span aria-hidden="true">{made}</span></p>')


def _body(place: Place, guess: str) -> None:
    """Text, guess and reveal at the left, the picture at the right; without a picture the reveal stands there."""
    step = place.step
    run = lesson_start.started(place) if step.start else None
    waits = bool(step.predict and not guess)
    shown = run or (step.show and not (waits and step.show.picture in lesson_pictures.AFTER))
    revealed = bool(step.predict and guess)
    if not (shown or step.start or revealed):
        with st.container(width=640):
            _words(place, guess, waits)
        return
    words, picture = st.columns([0.38, 0.62], gap="large")
    alone = revealed and not shown and not step.start  # the reveal takes the place of the picture
    with words:
        _words(place, guess, waits)
        if revealed and not alone:
            lesson_reveal.show(place, guess)
    with picture:
        if run:
            lesson_start.live(place, run)
        elif shown:
            lesson_pictures.draw(step.show)
        elif alone:
            lesson_reveal.show(place, guess, wide=True)
        else:
            _empty(step.start.job if step.start else "")


def _words(place: Place, guess: str, waits: bool) -> None:
    step = place.step
    st.markdown(messages.readable(step.text))
    if step.predict:
        lesson_reveal.ask(place, guess)
    if step.start:
        lesson_start.controls(place, allowed=not waits)
    if step.look and not waits:  # it speaks of what is measured
        st.info(messages.readable(step.look), icon=":material/visibility:")
    if step.link:
        hide = {url_state.HIDE: ",".join(step.link.hide)} if step.link.hide else {}
        url_state.link(step.link.page, messages.plain(step.link.label), "open_in_new", **step.link.address, **hide)


def _empty(job: str) -> None:
    """What stands in the place of a picture that the student has not started yet."""
    middle = {"horizontal_alignment": "center", "vertical_alignment": "center"}
    with st.container(border=True, height=260, key="lesson-waits", **middle):
        words = {"training": "The training appears here", "transfer": "The transfer appears here"}
        st.caption(words.get(job, "The map appears here"), width="content")


def _way_on(entry: Entry, place: Place) -> None:
    """Back, and next or finish."""
    last = len(entry.lesson.steps)
    with st.container(horizontal=True, gap="small", key="lesson-way"):
        if place.number > 1:
            st.button("Back", icon=":material/arrow_back:", on_click=_go, args=(place.number - 1,), key="lesson-back")
        st.space("stretch")
        style = {"icon": ":material/arrow_forward:", "icon_position": "right", "key": "lesson-next"}
        if place.number < last:
            actions.button("Next", _next, place, type="primary" if _ready(place) else "secondary", **style)
        else:
            style["icon"] = ":material/check:"
            actions.button("Finish", _finish, entry, place, type="primary" if _ready(place) else "secondary", **style)


def _ready(place: Place) -> bool:
    """Whether what a step asks for was done, so that its button leads the eye."""
    return not (place.step.predict and not lesson_reveal.guess_of(place))


def _go(number: int) -> None:
    url_state.put(STEP, str(number))


def _next(place: Place) -> None:
    classroom.reached(place.lesson, place.person, place.number + 1, last=False)
    _go(place.number + 1)


def _finish(entry: Entry, place: Place) -> None:
    classroom.reached(place.lesson, place.person, place.number, last=True)
    st.session_state[lessons.FINISHED] = entry.name, lesson_reveal.tally(entry, place.person)
    url_state.restart()


def restart(entry: Entry) -> None:
    """Bring a lesson to its start: its guesses are forgotten, and what was chosen in it."""
    classroom.restart(entry.name, identity.me())
    for key in [key for key in st.session_state if str(key).startswith(f"lesson.{entry.name}.")]:
        del st.session_state[key]
    lesson_reveal.forget(entry.name)
    lesson_start.forget(entry.name)
    url_state.restart(lesson=entry.name)
