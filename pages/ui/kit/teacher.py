"""Who may act for a whole class: whoever knows the password that the server was started with; without one everybody."""

import time

import streamlit as st

from explorer.system import settings

PAUSE = 1.0  # seconds after a wrong password, so that guessing is slow
PASSWORD = "_teacher"  # in the session: the password that was given


def admitted() -> bool:
    """Whether this session may see a class and change what others have made."""
    return settings.is_teacher(st.session_state.get(PASSWORD, ""))


def ask() -> bool:
    """The same; asks for the password where one is set. A session is asked once."""
    if admitted():
        return True
    with st.form("lesson-password", border=False, width=360):
        typed = st.text_input("Password of the teacher's view", type="password", key="lesson-typed")
        asked = st.form_submit_button("Open", icon=":material/lock_open:")
    if settings.is_teacher(typed):
        st.session_state[PASSWORD] = typed
        st.rerun()
    if asked:
        time.sleep(PAUSE)
        st.error("This is not the password: ask whoever has started this server with EXPLORER_TEACHER.")
    return False
