"""Keeps a widget's value until the browser has taken it up: a fault of Streamlit 1.67.

A value that the server gives to a widget, from the address say, travels with one run of the script alone. Where the
visitor clicks before the browser has taken it up, the next run describes the same widget without it; the browser then
starts the widget at its default, and reports that as the visitor's choice: the page turns to other data or to another
method than its address names. Here the value is sent again with every run until the browser has reported the widget.

So it is with a value that the server changes, as "Take 300 epochs" does: whoever clicks on "Start training" before the
browser has taken it up reports the old one once more. What a click reports unchanged is therefore no news.

Clicks that a busy server has not taken up yet are handed over together, the newest first. They count in their order.
"""

from dataclasses import replace
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.common import RegisterWidgetResult, WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

KINDS = (  # of values that a widget keeps; a click or a component has another
    "bool_value", "double_value", "double_array_value", "int_value", "int_array_value", "string_value",
    "string_array_value",
)  # fmt: skip
CLICK = "trigger_value"
REPORTED = "_reported_widgets"  # in a session: what its browser has reported last, by the ids of widgets

_take_up, _register = SessionState.set_widgets_from_proto, SessionState.register_widget


def take_up(state: SessionState, widget_states: WidgetStates) -> None:
    """As Streamlit's own; remembers what the browser knows, and leaves out what a click reports unchanged.

    Of several clicks the one that came first is taken up first.
    """
    before = _reported(state)
    state[REPORTED] = reported = {widget.id: widget for widget in widget_states.widgets}
    clicks = [widget for widget in reported.values() if widget.WhichOneof("value") == CLICK]
    if clicks:
        others = (it for it in reported.values() if it not in clicks and _is_news(it, before, state))
        widget_states = WidgetStates(widgets=[*others, *reversed(clicks)])
    _take_up(state, widget_states)


def _reported(state: SessionState) -> dict[str, WidgetState]:
    return state[REPORTED] if REPORTED in state else {}  # noqa: SIM401 -- it has no `get`


def _is_news(widget: WidgetState, before: dict[str, WidgetState], state: SessionState) -> bool:
    return widget != before.get(widget.id) or widget.WhichOneof("value") not in KINDS or widget.id not in state


def register(state: SessionState, metadata: WidgetMetadata[Any], user_key: str | None) -> RegisterWidgetResult[Any]:
    """As Streamlit's own; a value that is not the default goes along until the browser has reported the widget."""
    result = _register(state, metadata, user_key)
    known = metadata.id in _reported(state)
    if not known and metadata.value_type in KINDS and result.value != metadata.deserializer(None):
        return replace(result, value_changed=True)
    return result


def install() -> None:
    """Put these in the place of Streamlit's own; once for a server."""
    SessionState.set_widgets_from_proto, SessionState.register_widget = take_up, register
