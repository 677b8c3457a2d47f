"""Who may act for a whole class: whoever knows the password that the server was started with; without one everybody."""

import time
from weakref import WeakSet

import streamlit as st

from explorer.system import settings
from pages.ui.kit import identity

PAUSE = 1.0  # seconds after a wrong password, so that guessing is slow
PASSWORD = "_teacher"  # in the session: the password that was given
ADMISSION = "_admission"  # in the session: that its browser gets the pictures, too


class Admission:
    """A browser that was admitted, for as long as the session that gave the password."""

    def __init__(self, browser: str) -> None:
        self.browser = browser


_admissions: WeakSet[Admission] = WeakSet()


def admitted() -> bool:
    """Whether this session may see a class and change what others have made."""
    return settings.is_teacher(st.session_state.get(PASSWORD, ""))


def sees_all() -> bool:
    """Whether the visitor has given a password, which shows what nobody shares: on pages and in files alike."""
    if not settings.guarded():
        return False
    browser = identity.browser()
    if browser and any(it.browser == browser for it in list(_admissions)):
        return True
    return identity.has_session() and admitted()


def admit(password: str) -> None:
    """Remember in the session that its visitor has given the password."""
    admission = Admission(identity.browser())
    _admissions.add(admission)
    st.session_state[PASSWORD], st.session_state[ADMISSION] = password, admission


def ask() -> bool:
    """The same; asks for the password where one is set. A session is asked once."""
    if admitted():
        return True
    with st.form("lesson-password", border=False, width=360):
        typed = st.text_input("Password of the teacher's view", type="password", key="lesson-typed")
        asked = st.form_submit_button("Open", icon=":material/lock_open:")
    if settings.is_teacher(typed):
        admit(typed)
        st.rerun()
    if asked:
        time.sleep(PAUSE)
        st.error("This is not the password: ask whoever has started this server with EXPLORER_TEACHER.")
    return False
