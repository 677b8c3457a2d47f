"""A widget's value goes along with every run until the browser has reported the widget."""

import runpy

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.runtime.state.session_state import SessionState

from pages.ui.app import history, widget_values
from tests.test_architecture import ROOT

OWN = SessionState.set_widgets_from_proto, SessionState.register_widget
OURS = widget_values.take_up, widget_values.register


def report(value: str | None) -> WidgetStates:
    """What a browser says of the widget: nothing before it has taken it up."""
    states = WidgetStates()
    if value is not None:
        states.widgets.add(id="widget", string_value=value)
    return states


def sent(given: str, reports: list[WidgetStates]) -> list[bool]:
    """Whether the value `given` in the first run goes along: in that run, and in one for each report."""
    state, metadata = SessionState(), WidgetMetadata(
        id="widget", deserializer=lambda it: it or "first", serializer=str, value_type="string_value"
    )  # fmt: skip
    state["key"] = given
    told = [state.register_widget(metadata, "key").value_changed]
    for states in reports:
        state.on_script_will_rerun(states)
        told.append(state.register_widget(metadata, "key").value_changed)
    return told


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


def test_the_server_uses_it(monkeypatch):
    for name, function in zip(("set_widgets_from_proto", "register_widget"), OWN, strict=True):
        monkeypatch.setattr(SessionState, name, function)
    monkeypatch.setattr(history, "install", lambda: None)
    runpy.run_path(str(ROOT / "app.py"))
    assert (SessionState.set_widgets_from_proto, SessionState.register_widget) == OURS
