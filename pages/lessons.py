"""What do you expect, and what is measured?"""

import streamlit as st

from explorer import Refused, engine, lessons
from pages.ui.kit import actions, messages, person, url_notices, url_state
from pages.ui.sections import lessons as lessons_section

LESSON, VIEW, TEACHER = "lesson", "view", "teacher"  # in the address

engine.reconcile()
name = url_state.read(LESSON)
found, entry = lessons.catalogue(), None
if name:
    try:
        entry = found.get(name)
    except Refused as refused:
        url_notices.note(LESSON, name, sentence=messages.sentence(str(refused)))

if entry is None:
    with st.container(horizontal=True, vertical_alignment="center"):
        messages.question("What do you expect, and what is measured?")
        person.popover()
    messages.lead_sentence("Each lesson asks for **your guess first**, then trains or measures, and shows the answer.")
    with messages.guard():
        lessons_section.finished(found)
    lessons_section.cards(found)
    with st.spinner("Checking the lessons…"), messages.guard():
        lessons_section.refused(lessons_section.full().refused)
    messages.stop()

st.session_state.pop(lessons_section.FINISHED, None)
with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson-title"):
    messages.question(messages.plain(entry.lesson.title))
    if not url_state.hidden("controls"):
        person.popover()
messages.lead_sentence(messages.readable(entry.lesson.question))
with st.spinner("Loading PyTorch…"):  # on the first visit alone
    from pages.ui.sections import lesson_step, lesson_teacher

teaches = url_state.read(VIEW) == TEACHER
with messages.guard():
    lessons_section.full().get(entry.name)  # the hyperparameters of its trainings, too
    if teaches:
        lesson_teacher.show(entry)
    else:
        lessons_section.missing(entry)
        lesson_step.show(entry)
if not url_state.hidden("controls"):
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="lesson-foot"):
        url_state.link("lessons", "All lessons", "apps")
        if teaches:
            url_state.link("lessons", "The lesson", "school", lesson=entry.name)
        else:
            url_state.link("lessons", "Teacher's view", "groups", lesson=entry.name, view=TEACHER)
        restart = {"icon": ":material/restart_alt:", "type": "tertiary", "key": "lesson-restart"}
        actions.button("Start again", lesson_step.restart, entry, **restart)
