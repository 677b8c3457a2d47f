"""What the derived files on this machine take, and clearing them."""

from typing import NamedTuple

import streamlit as st

from explorer import runs
from explorer.moments import moment
from explorer.system import caches, folders
from pages.ui.kit import actions, messages, teacher

FRESH = 5.0  # seconds for which a measurement holds, for all sessions
TITLE = "Storage: decoded images, features, maps"
ALL = "All of them"
CLEARED = "_cleared"  # in the session: what the last click has removed
ABOUT = (
    "A cache holds what was computed once and can be computed again: decoded images, features, maps. Above the limit "
    "the least recently used leaves first. The limit does not count maps, which stay until somebody clears them. Runs, "
    "and results that somebody asked for, are no cache and stay."
)
WHO = "Only the teacher may clear the caches: open a lesson, then the teacher's view."
SEVERAL = "Open pages and running trainings go on; what is missing is computed again, which takes time."


class Row(NamedTuple):
    """One kind of cache in the table."""

    name: str
    title: str
    size: int
    entries: int
    used: float | None
    folder: str
    limited: bool


def show() -> None:
    """How much there is of each kind, and the button that clears it; measured when it is opened."""
    fold = st.expander(TITLE, icon=":material/storage:", on_change="rerun", key="storage")
    if not fold.open:
        return
    with fold, messages.guard():
        rows, results = _measured(str(runs.root()), str(folders.cache_root()))
        messages.prose(_summary(rows, caches.limit(), results))
        _table([row for row in rows if row.entries])
        st.caption(ABOUT)
        _outcome()
        _clearing([row for row in rows if row.entries])


@st.cache_data(ttl=FRESH, show_spinner=False)
def _measured(runs_folder: str, cache_folder: str) -> tuple[list[Row], int]:
    """Each kind, and the bytes of runs and results; the folders are there for Streamlit's cache alone."""
    kinds = [
        Row(kind.name, kind.title, kind.size, len(kind.entries), kind.used, str(kind.folder), kind.limited)
        for kind in caches.measure()
    ]
    results = sum(run.disk_bytes() for run in runs.listing(None, shipped=False) if run.spec.kind != "map")
    return kinds, results


def _summary(rows: list[Row], limit: int, results: int) -> str:
    size, maps = (sum(row.size for row in rows if row.limited is limited) for limited in (True, False))
    taken = f"**Caches take {messages.amount(size)}** of at most {messages.amount(limit)} (`EXPLORER_CACHE_LIMIT`)"
    return f"{taken}; maps take {messages.amount(maps)}, runs and results {messages.amount(results)}."


def _table(rows: list[Row]) -> None:
    if not rows:
        return
    named = [
        {
            "cache": row.title,
            "size": messages.amount(row.size),
            "entries": row.entries,
            "last used": moment(row.used) if row.used else "",
        }
        | ({"folder": row.folder} if teacher.admitted() else {})  # where things lie on the server is not for everybody
        for row in rows
    ]
    st.dataframe(named, hide_index=True, key="storage-table", alt="Size of each cache")


def _clearing(rows: list[Row]) -> None:
    """The button, behind a confirmation."""
    if not rows:
        st.caption("There is nothing to clear.")
        return
    with st.popover("Clear caches", icon=":material/delete_sweep:", key="storage-clear"):
        if not teacher.admitted():
            st.caption(WHO)
            return
        titles = {"": ALL, **{row.name: f"{row.title} ({messages.amount(row.size)})" for row in rows}}
        name = st.selectbox("What", list(titles), format_func=titles.get, key="storage-kind")
        st.caption(SEVERAL)
        sure = st.checkbox("Remove these files", key="storage-sure")
        actions.button("Clear", _clear, name, icon=":material/delete:", disabled=not sure, key="storage-do")


def _clear(name: str) -> None:
    cleared = caches.clear(name)
    _measured.clear()
    st.session_state[CLEARED] = cleared
    st.session_state["storage-sure"] = False


def _outcome() -> None:
    """What the click has removed, and what stays."""
    cleared = st.session_state.pop(CLEARED, None)
    if cleared is None:
        return
    st.success(f"{messages.amount(cleared.freed)} freed.", icon=":material/check:")
    for kind, entry, why in cleared.stays:
        words = f"{caches.TITLES.get(kind, kind)}: {entry.path.name} ({messages.amount(entry.size)}) stays: {why}."
        st.caption(f":material/lock: {messages.plain(words)}")
