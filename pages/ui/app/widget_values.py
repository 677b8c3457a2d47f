"""Keeps a widget's value until the browser has taken it up: a fault of Streamlit 1.67.

A value that the server gives to a widget, from the address say, travels with one run of the script alone. Where the
visitor clicks before the browser has taken it up, the next run describes the same widget without it; the browser then
starts the widget at its default, and reports that as the visitor's choice: the page turns to other data or to another
method than its address names. Here the value is sent again with every run until the browser has reported the widget.

So it is with a value that the server changes, as "Take 300 epochs" does: whoever clicks on "Start training" before the
browser has taken it up reports the old one once more. A browser reports when one thing has changed, and then
everything it knows: what is unchanged beside a click or a change is no news. Unchanged is what it has reported before,
or what the server has given it before its first report.

Clicks that a busy server has not taken up yet are handed over together, the newest first. They count in their order.
"""

from dataclasses import replace
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state.common import RegisterWidgetResult, WidgetMetadata, unpack_widget_state_value
from streamlit.runtime.state.session_state import SessionState

KINDS = (  # of values that a widget keeps; a click or a component has another
    "bool_value", "double_value", "double_array_value", "int_value", "int_array_value", "string_value",
    "string_array_value",
)  # fmt: skip
TRIGGERS = ("trigger_value", "string_trigger_value", "chat_input_value", "json_trigger_value")
REPORTED = "_reported_widgets"  # in a session: what its browser has reported last, by the ids of widgets
GIVEN = "_given_values"  # in a session: the values of widgets that it has not reported yet, by their ids

_take_up, _register = SessionState.set_widgets_from_proto, SessionState.register_widget


def take_up(state: SessionState, widget_states: WidgetStates) -> None:
    """As Streamlit's own; remembers what the browser knows, and leaves out what it reports unchanged beside news.

    Of several clicks the one that came first is taken up first.
    """
    before, given = _kept(state, REPORTED), _kept(state, GIVEN)
    state[REPORTED] = reported = {widget.id: widget for widget in widget_states.widgets}
    state[GIVEN] = {id: values for id, values in given.items() if id not in reported}
    clicks = [widget for widget in reported.values() if _kind(widget) in TRIGGERS]
    others = [widget for widget in reported.values() if widget not in clicks]
    changed = [widget for widget in others if _changed(widget, before, given, state)]
    if clicks or changed:
        kept = [it for it in others if it in changed or _kind(it) not in KINDS or it.id not in state]
        widget_states = WidgetStates(widgets=[*kept, *reversed(clicks)])
    _take_up(state, widget_states)


def _kept(state: SessionState, name: str) -> dict[str, Any]:
    return state[name] if name in state else {}  # noqa: SIM401 -- it has no `get`


def _kind(widget: WidgetState) -> str | None:
    return widget.WhichOneof("value")


def _changed(
    widget: WidgetState, before: dict[str, WidgetState], given: dict[str, list[Any]], state: SessionState
) -> bool:
    if widget.id in before or widget.id not in given:
        return widget != before.get(widget.id)
    deserialize = state._new_widget_state.widget_metadata[widget.id].deserializer
    return deserialize(unpack_widget_state_value(widget)) not in given[widget.id]


def register(state: SessionState, metadata: WidgetMetadata[Any], user_key: str | None) -> RegisterWidgetResult[Any]:
    """As Streamlit's own; a value that is not the default goes along until the browser has reported the widget."""
    result = _register(state, metadata, user_key)
    if metadata.value_type not in KINDS or metadata.id in _kept(state, REPORTED):
        return result
    given = _kept(state, GIVEN)
    values = given.get(metadata.id, [])
    if result.value not in values:
        state[GIVEN] = given | {metadata.id: [*values, result.value]}
    return replace(result, value_changed=result.value_changed or result.value != metadata.deserializer(None))


def install() -> None:
    """Put these in the place of Streamlit's own; once for a server."""
    SessionState.set_widgets_from_proto, SessionState.register_widget = take_up, register
