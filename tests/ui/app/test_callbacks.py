"""What a click does comes to its end, though another click follows at once."""

import asyncio
import runpy
import threading
import tomllib
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.runtime.state.session_state import SessionState

from pages.ui.app import callbacks
from tests.test_architecture import ROOT

PLACES = (SafeSessionState, "on_script_will_rerun"), (ScriptRequests, "on_scriptrunner_yield")
OWN = tuple(getattr(*place) for place in PLACES)
OURS = callbacks.take_up, callbacks.asked
SCRIPT = """
import streamlit as st

def press(name):
    st.session_state["seam"](name)
    st.session_state["done"] = (*st.session_state["done"], name)

for name in ("first", "second"):
    st.button(name, key=name, on_click=press, args=(name,))
"""


@pytest.fixture(params=[OWN, OURS], ids=["streamlit", "ours"])
def ours(request, monkeypatch) -> bool:
    for place, function in zip(PLACES, request.param, strict=True):
        monkeypatch.setattr(*place, function)
    return request.param is OURS


class Page:
    """A session that shows the script; clicks may come in the middle of others."""

    def __init__(self, script: Path) -> None:
        script.write_text(SCRIPT)
        self.script, self.state = script, SessionState()
        self.state["seam"], self.state["done"] = (lambda name: None), ()
        self.run(self.runner(RerunData()))

    def runner(self, data: RerunData) -> ScriptRunner:
        """A run of the page that is not started yet."""
        files, pages = MemoryUploadedFileManager("/upload"), PagesManager(str(self.script))
        return ScriptRunner(
            "session", str(self.script), self.state, files, ScriptCache(), data, {}, MemoryFragmentStorage(), pages,
            asyncio.new_event_loop(),
        )  # fmt: skip

    def run(self, runner: ScriptRunner) -> None:
        ended = threading.Event()

        def hear(_sender, event, **_more):
            if event is ScriptRunnerEvent.SHUTDOWN:
                ended.set()

        runner.on_event.connect(hear, weak=False)
        runner.start()
        assert ended.wait(30)

    def click(self, name: str) -> RerunData:
        states = WidgetStates()
        states.widgets.add(id=self.state._key_id_mapper.get_id_from_key(name), trigger_value=True)
        return RerunData(widget_states=states)


@pytest.fixture
def page(tmp_path, monkeypatch) -> Page:
    monkeypatch.setattr("streamlit.runtime.get_instance", MagicMock())
    return Page(tmp_path / "app.py")


def test_a_callback_is_not_cut_short_by_the_next_click(ours, page):
    pressed = page.runner(page.click("first"))
    page.state["seam"] = lambda name: name == "first" and pressed.request_rerun(page.click("second"))
    page.run(pressed)
    assert page.state["done"] == (("first", "second") if ours else ("second",))


def test_a_click_is_not_forgotten_for_the_next_one(ours, page):
    """It comes when the run for the first click has begun and has not taken it up yet."""
    pressed, clicks = page.runner(page.click("first")), [page.click("second")]

    def hear(_sender, event, **_more):
        if event is ScriptRunnerEvent.SCRIPT_STARTED and clicks:
            pressed.request_rerun(clicks.pop())

    pressed.on_event.connect(hear, weak=False)
    page.run(pressed)
    assert page.state["done"] == (("first", "second") if ours else ("second",))


def test_the_server_uses_it(monkeypatch):
    for place, function in zip(PLACES, OWN, strict=True):
        monkeypatch.setattr(*place, function)
    runpy.run_path(str(ROOT / "app.py"))
    assert tuple(getattr(*place) for place in PLACES) == OURS
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text("utf-8"))
    assert settings["runner"]["fastReruns"] is False
