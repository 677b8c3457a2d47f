"""A widget's value goes along with every run until the browser has reported the widget."""

import runpy

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner_utils.script_requests import _coalesce_widget_states
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

from pages.ui.app import widget_values
from tests.test_architecture import ROOT

OWN = SessionState.set_widgets_from_proto, SessionState.register_widget
OURS = widget_values.take_up, widget_values.register


METADATA = WidgetMetadata(
    id="widget", deserializer=lambda it: it or "first", serializer=str, value_type="string_value"
)  # fmt: skip


def report(value: str | None, click: bool = False) -> WidgetStates:
    """What a browser says of the widget, nothing before it has taken it up, and whether a button was clicked."""
    states = WidgetStates()
    if value is not None:
        states.widgets.add(id="widget", string_value=value)
    if click:
        states.widgets.add(id="button", trigger_value=True)
    return states


def sent(given: str, reports: list[WidgetStates]) -> list[bool]:
    """Whether the value `given` in the first run goes along: in that run, and in one for each report."""
    state = SessionState()
    state["key"] = given
    changes = [state.register_widget(METADATA, "key").value_changed]
    for states in reports:
        state.on_script_will_rerun(states)
        changes.append(state.register_widget(METADATA, "key").value_changed)
    return changes


def taken(given: str, *reports: WidgetStates) -> str:
    """The value after these reports, of which the last was sent after the server had changed "first" to `given`."""
    state = SessionState()
    state.register_widget(METADATA, "key")
    for states in reports[:-1]:
        state.on_script_will_rerun(states)
        state.register_widget(METADATA, "key")
    state["key"] = given  # as a callback does; the run of the script may be cut short by the next report
    state.on_script_will_rerun(reports[-1])
    return state.register_widget(METADATA, "key").value


@pytest.fixture(params=[OWN, OURS], ids=["streamlit", "ours"])
def ours(request, monkeypatch) -> bool:
    for name, function in zip(("set_widgets_from_proto", "register_widget"), request.param, strict=True):
        monkeypatch.setattr(SessionState, name, function)
    return request.param is OURS


def test_a_value_that_the_browser_has_not_reported_is_sent_again(ours):
    assert sent("second", [report(None), report(None)]) == [True, ours, ours]


def test_a_value_that_it_has_reported_is_not(ours):
    assert sent("second", [report("second"), report("third")]) == [True, False, False]


def test_a_default_needs_no_sending(ours):
    assert sent("first", [report(None)]) == [True, False]


def test_what_a_click_reports_unchanged_does_not_undo_what_the_server_has_set(ours):
    old, click = report("first"), report("first", click=True)
    assert taken("second", old, click) == ("second" if ours else "first")
    assert taken("second", click, click) == ("second" if ours else "first")  # the same button twice


def test_so_it_is_with_a_change_of_something_else(ours):
    def slid(to: int) -> WidgetStates:
        states = report("first")
        states.widgets.add(id="slider", int_value=to)
        return states

    assert taken("second", slid(1), slid(2)) == ("second" if ours else "first")
    assert taken("second", slid(1), slid(1)) == "first"  # nothing but this widget can have changed: it was set back


def test_so_it_is_before_its_first_report(ours):
    assert taken("second", report("first", click=True)) == ("second" if ours else "first")
    assert taken("second", report("third", click=True)) == "third"


def test_clicks_that_were_kept_waiting_are_taken_up_in_their_order(ours):
    """As Streamlit hands them over: what came later is put before what was waiting."""
    waiting = None
    for name in ("first", "second", "third"):
        click = WidgetStates()
        click.widgets.add(id=name, trigger_value=True)
        waiting = _coalesce_widget_states(waiting, click)
    state = SessionState()
    state.set_widgets_from_proto(waiting)
    order = list(state._new_widget_state)  # in which Streamlit calls back
    assert order == (["first", "second", "third"] if ours else ["third", "second", "first"])


def test_what_the_visitor_has_changed_counts(ours):
    assert taken("second", report("first"), report("third", click=True)) == "third"
    assert taken("second", report("third"), report("first")) == "first"


def test_the_server_uses_it(monkeypatch):
    for name, function in zip(("set_widgets_from_proto", "register_widget"), OWN, strict=True):
        monkeypatch.setattr(SessionState, name, function)
    runpy.run_path(str(ROOT / "app.py"))
    assert (SessionState.set_widgets_from_proto, SessionState.register_widget) == OURS
