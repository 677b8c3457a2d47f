"""The frame that a visitor has chosen for each run; the address names that of the run on the page: `?frame=…`."""

import streamlit as st

from pages.ui.kit import url_state

KEY = "frame"  # of the address


def of(id: str) -> int | None:
    """The step that was chosen for a run; None for the last."""
    return st.session_state.setdefault("_frames", {}).get(id)


def keep(id: str, step: int | None) -> None:
    """Remember the choice for a run."""
    st.session_state.setdefault("_frames", {})[id] = step


def changed(id: str) -> bool:
    """Whether this is another visit, or the address says something else than when this run was drawn last."""
    return _drawn().get(id) != _here()


def returns(id: str) -> bool:
    """Whether the run is drawn for the first time since its page was left, and the page is found again as it was."""
    visit, _ = _drawn().get(id, (None, None))
    return visit not in (None, _here()[0]) and bool(st.session_state.get("_returns"))


def of_another(id: str) -> bool:
    """Whether the address still says what it said when another run was drawn, last and on this visit."""
    last = st.session_state.get("_frame_of")
    return last not in (None, id) and _drawn().get(last) == _here()


def confirm(id: str) -> None:
    """The run is drawn as the address says."""
    _drawn()[id] = _here()
    st.session_state["_frame_of"] = id


def follow() -> None:
    """Where another run has just been chosen, the address names its frame, in one write with the run."""
    chosen = url_state.expected("run")
    if chosen is not None and not url_state.asked("run") and chosen != url_state.read("run"):
        step = of(chosen)
        url_state.prepare(KEY, None if step is None else str(step))


def _here() -> tuple[int, str | None]:
    return st.session_state.get("_visit", 0), url_state.read(KEY) or None


def _drawn() -> dict[str, tuple[int, str | None]]:
    return st.session_state.setdefault("_frames_drawn", {})
