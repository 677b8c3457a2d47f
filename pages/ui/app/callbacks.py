"""Lets what a click does come to its end: Streamlit 1.67 drops it, or cuts it short, where another click follows.

A run of a page may be interrupted for the next one wherever it draws or looks at the session. That holds for its
beginning too: of two clicks in a row the first one is forgotten before it is taken up, or its callback stops half-way,
before it has set a value or started a training, without a word. Here what a browser has reported is taken up and its
callbacks run to their end; only the page that would follow is spared.

It takes `fastReruns = false` in the settings of the server: else a click that follows ends the run before it has begun.
"""

import threading
from typing import Any

from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests
from streamlit.runtime.state.safe_session_state import SafeSessionState

_take_up, _asked = SafeSessionState.on_script_will_rerun, ScriptRequests.on_scriptrunner_yield
_here = threading.local()  # each run has its own thread


def take_up(state: SafeSessionState, *reported: Any, **replayed: Any) -> None:
    """As Streamlit's own, uninterrupted."""
    _here.taking_up = True
    try:
        _take_up(state, *reported, **replayed)
    finally:
        _here.taking_up = False


def asked(requests: ScriptRequests) -> ScriptRequest | None:
    """As Streamlit's own: whether the run is to end for another one. Not meanwhile; it is asked again right after."""
    return None if getattr(_here, "taking_up", False) else _asked(requests)


def install() -> None:
    """Put these in the place of Streamlit's own; once for a server."""
    SafeSessionState.on_script_will_rerun, ScriptRequests.on_scriptrunner_yield = take_up, asked
