"""What a click does. It is done before the page is drawn: nothing is deleted, renamed or submitted in the middle."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.kit import messages


def button(label: str, action: Callable[..., None], *args: Any, key: str, **style: Any) -> None:
    """A button that calls `action(*args)` before the page runs; what went wrong stands below it, in one sentence."""
    st.button(label, on_click=perform, args=(key, action, *args), key=key, **style)
    failure(key)


def perform(key: str, action: Callable[..., None], *args: Any) -> None:
    """The callback of a click: act, and keep the sentence about an error for `failure(key)`."""
    st.session_state.pop("_failure", None)
    try:
        action(*args)
    except Exception as error:
        st.session_state["_failure"] = key, messages.explain(error)
    else:
        st.session_state["_done"] = True


def failure(key: str) -> None:
    """Say why the action of this key has failed, if it has just done so."""
    failed, message = st.session_state.get("_failure", ("", None))
    if failed == key and message:
        del st.session_state["_failure"]
        messages.show_error(message)


def forget() -> None:
    """Drop an error whose button was not drawn again: another page has nothing to do with it."""
    st.session_state.pop("_failure", None)


def done() -> bool:
    """Whether a click has just had its effect, asked once; the frame of the page asks first."""
    return bool(st.session_state.pop("_done", False))
