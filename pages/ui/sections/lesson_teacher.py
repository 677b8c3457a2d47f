"""The teacher's view of a lesson: everyone's guesses and runs, the export, and the end of the class."""

from urllib.parse import urlsplit

import streamlit as st

from explorer.evaluation import arms
from explorer.evaluation.probes import PROBES
from explorer.lessons import Entry, classroom
from explorer.system import settings
from pages.ui.kit import actions, dots, figures, messages, teacher
from pages.ui.runs import polling

EVERY = 5.0  # seconds between two looks
TRANSFER = {f"{arm}.test_accuracy": arms.spoken(title) for arm, title in arms.titles().items()}


def show(entry: Entry) -> None:
    """The class as it stands, for whoever may see it."""
    if teacher.ask():
        _class(entry)


def _class(entry: Entry) -> None:
    """What can be done stands above what grows: a button never moves under the hand that is about to press it.

    It is drawn later, since what is polled has the page run anew after a click, and an outcome is shown once.
    """
    _invitation(entry)
    above = st.container()
    polling.poll(None, lambda: _live(entry), EVERY)
    with above:
        _export(entry)
        _clear(entry)


def _invitation(entry: Entry) -> None:
    """The address that students open."""
    here = urlsplit(st.context.url or "")
    st.markdown("Students open this address:")
    st.code(f"{here.scheme}://{here.netloc}/lessons?lesson={entry.name}", language=None)
    if not settings.guarded():
        messages.caption(
            "Everybody who opens this page sees all guesses and may clear the room. Start Unfold with "
            "`EXPLORER_TEACHER=password` and it asks for the password."
        )
    if here.hostname in ("127.0.0.1", "localhost"):
        st.caption(
            "Only this computer reaches it. For a class, start Unfold with `.venv/bin/python -m explorer serve --host "
            "NAME`: the name or the address of this computer in the room's network."
        )


def _live(entry: Entry) -> None:
    """What changes while the class is at work."""
    _table(entry)
    for number, step in enumerate(entry.lesson.steps, 1):
        if step.predict:
            _guesses(entry, number)


def _table(entry: Entry) -> None:
    """A row for each person and step."""
    headings = {name: probe.accuracy for name, probe in PROBES.items() if probe.accuracy} | TRANSFER
    rows = [
        {headings.get(name, name): value for name, value in row.items() if name != "run"}
        for row in classroom.table(entry.name)
    ]
    people = len(classroom.everyone(entry.name))
    st.markdown(f"**{people} {'person' if people == 1 else 'people'}** in this lesson so far.")
    percent = {name: st.column_config.NumberColumn(format="percent") for name in headings.values()}
    st.dataframe(
        rows or [{"nickname": "nobody yet", "step": None, "guess": ""}], column_config=percent, hide_index=True,
        key="lesson-class", alt="Guesses and runs of everybody in this lesson", placeholder="",
    )  # fmt: skip


def _guesses(entry: Entry, number: int) -> None:
    predict = entry.lesson.steps[number - 1].predict
    pooled = classroom.tally(entry.name, number, predict.answers)
    counts = {answer: len(of) for answer, of in pooled.items()}
    st.markdown(f"**Step {number}: {messages.plain(predict.question)}**")
    words = ", ".join(f"{answer} {n}" for answer, n in counts.items())
    figures.show(dots.stacked(counts), f"lesson-class-{number}", f"Guesses of the class: {words}")


def _export(entry: Entry) -> None:
    with st.container(horizontal=True, gap="small", key="lesson-export"):
        csv = {"mime": "text/csv", "icon": ":material/download:", "on_click": "ignore"}
        table = f"{entry.name}.csv"
        st.download_button("All as CSV", lambda: classroom.as_csv(entry.name), table, key="lesson-csv", **csv)
        csv["mime"] = "application/zip"
        archive = f"{entry.name}.zip"
        words = "The numbers of all runs (zip)"
        st.download_button(words, lambda: classroom.as_zip(entry.name), archive, key="lesson-zip", **csv)


def _clear(entry: Entry) -> None:
    """Asks twice: behind the button it says how much will be deleted, and wants a tick before it does."""
    with st.popover("Clear the room after class", icon=":material/delete_sweep:", key="lesson-clear"):
        there = classroom.count(entry.name)
        about = f", and {_results(there.about)}," if there.about else ""
        st.markdown(
            f"This deletes {_many(there.guesses, 'guess', 'guesses')} of {_many(there.people, 'person', 'people')} "
            f"and {_many(there.runs, 'run')} of this lesson{about} permanently. Other lessons and other runs stay."
        )
        sure = st.checkbox("I have exported what I want to keep", key="lesson-sure")
        style = {"icon": ":material/delete:", "type": "primary", "disabled": not sure, "key": "lesson-clear-now"}
        actions.button("Delete permanently", _delete, entry.name, **style)
    if text := st.session_state.pop("_cleared", ""):
        st.success(text, icon=":material/check:")


def _delete(lesson: str) -> None:
    gone = classroom.clear(lesson)
    text = f"Deleted: {_many(gone.guesses, 'guess', 'guesses')} and {_many(gone.runs, 'run')}."
    text += f" Also {_results(gone.about)}." if gone.about else ""
    if gone.busy:
        text += f" {_many(gone.busy, 'run')} cannot be deleted while something works on it: clear again in a moment."
    st.session_state["_cleared"] = text
    st.session_state["lesson-sure"] = False


def _results(n: int) -> str:
    """The maps, transfers and scores that go with the runs they are about."""
    return f"{_many(n, 'result')} that other pages computed from these runs"


def _many(n: int, one: str, several: str = "") -> str:
    return f"{n} {one if n == 1 else several or one + 's'}"
