"""The lessons as cards, in the order of the course; then the teachers' own, and the files that were refused."""

from collections.abc import Sequence

import streamlit as st

from explorer import data
from explorer.lessons import Catalogue, Entry, LessonRefused, catalogue, classroom
from explorer.lessons.catalogue import own_folder
from explorer.lessons.format import CardPicture
from pages.ui.kit import identity, messages, url_state
from pages.ui.runs import ownership, run_picture

FINISHED = "_finished"  # in the session: the lesson that was just finished, and how the guesses went


def finished(found: Catalogue) -> None:
    """After the end of a lesson: how the guesses went, and which lesson is next."""
    name, tally = st.session_state.get(FINISHED, ("", None))
    names = [entry.name for entry in found.entries]
    if name not in names:
        return
    at = names.index(name)
    with st.container(border=True, key="lesson-finished"):
        st.markdown(f":material/check_circle: **{messages.plain(found.entries[at].lesson.title)}** is done.")
        if tally.asked:
            st.markdown(_guesses(*tally))
        if at + 1 < len(names):
            after = found.entries[at + 1]
            url_state.link("lessons", f"Next: {messages.plain(after.lesson.title)}", "arrow_forward", lesson=after.name)


def _guesses(right: int, measured: int, asked: int) -> str:
    """How the guesses of a lesson that asks questions went, in a sentence."""
    text = "You made no guess that could be compared"
    if measured:
        text = f"{right} of {measured} of your guesses {'was' if right == 1 else 'were'} as it was measured"
    questions = f"{asked} question{'s' * (asked > 1)}"
    return f"{text}." if measured == asked else f"{text}; it asked {questions}."


def cards(found: Catalogue) -> None:
    """All lessons."""
    ours = [entry for entry in found.entries if entry.shipped]
    own = [entry for entry in found.entries if not entry.shipped]
    _grid(ours)
    if own:
        messages.heading("Lessons of this place")
        _grid(own)


def _grid(entries: Sequence[Entry]) -> None:
    with st.grid(4, min_column_width=230, gap="small"):
        for i, entry in enumerate(entries, 1):
            with messages.guard():
                card(entry, i if entry.shipped else None)


def card(entry: Entry, place: int | None = None) -> None:
    """Picture, title, question, minutes, and whether it is done."""
    lesson = entry.lesson
    record = classroom.record(entry.name, identity.me())
    done, reached = record.done, record.reached
    with st.container(border=True, height="stretch", key=f"lesson-card-{entry.name}"):
        with messages.guard():
            _picture(lesson.picture)
        number = f"{place}. " if place else ""
        st.markdown(f"**{number}{messages.plain(lesson.title)}**  \n{messages.readable(lesson.question)}")
        st.space("stretch")
        with st.container(horizontal=True, vertical_alignment="center"):
            step = {"step": reached} if reached > 1 and not done else {}
            url_state.link(
                "lessons", "Continue" if step else "Again" if done else "Start", "school", lesson=entry.name, **step
            )
            how_far = f"step {reached} of {len(lesson.steps)} · " if step else "✓ done · " if done else ""
            st.caption(f"{how_far}{lesson.minutes} min")


def _picture(card: CardPicture | None) -> None:
    """The picture of a card: what a model reconstructs, or its map made of images."""
    run = ownership.find(card.model) if card else None
    if run:
        run_picture.show(run, card.map)


def missing(entry: Entry) -> None:
    """What a lesson needs and this machine lacks, with the way to it."""
    known = data.catalogue()
    for name in entry.lesson.needs.data:
        if not known[name].available:
            text = f"This lesson needs {messages.plain(known[name].title)}, which is not on this machine yet."
            messages.empty("Data are missing", text, "data", "To the data", data=name)


def refused(files: Sequence[LessonRefused]) -> None:
    """For teachers: the files that cannot be used, each with its line and reason; where to put one's own."""
    wrong = f": {len(files)} {'file' if len(files) == 1 else 'files'} cannot be used" if files else ""
    with st.expander(f"For teachers{wrong}", icon=":material/edit_note:", key="lesson-files"):
        for each in files:
            line = f"**{messages.plain(each.file)}**, line {each.line}: {messages.plain(each.reason)}."
            st.markdown(f":material/error: {line}")
        messages.prose(
            "Each lesson has a teacher's view, below its steps: the address for students, their guesses and runs. "
            f"A lesson of your own is one text file in {messages.plain(str(own_folder()))}; "
            "`docs/lessons.md` shows how to write one."
        )


def full() -> Catalogue:
    """All lessons, with their trainings checked; this imports torch."""
    return catalogue(full=True)
