"""A file that a click makes is there when the browser comes for it, whatever runs meanwhile."""

import runpy

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from pages.ui.app import generated_files
from tests.test_architecture import ROOT

PLACES = "_get_inactive_file_ids", "_remove_orphaned_deferred_callables"
OWN = generated_files._inactive, generated_files._forget
OURS = generated_files.inactive, generated_files.forget


class Server:
    """Keeps files for one page, and the time."""

    def __init__(self, monkeypatch) -> None:
        self.now, self.storage = 0.0, MemoryMediaFileStorage("/media")
        self.manager = MediaFileManager(self.storage)
        own = generated_files._over
        monkeypatch.setattr(generated_files, "_over", lambda files, unnamed, _now: own(files, unnamed, self.now))

    def page(self) -> str:
        """Run the page with its one download; the name under which the browser will ask for it."""
        self.manager.clear_session_refs()
        name = self.manager.add_deferred(lambda: "a,b", "text/csv", "1.0", "table.csv")
        self.manager.remove_orphaned_files()
        return name

    def click(self, name: str) -> str | None:
        try:
            return self.manager.execute_deferred(name).split("/")[-1]
        except MediaFileStorageError:
            return None

    def fetch(self, url: str) -> bytes | None:
        file = self.manager.read_file(url.split(".")[0])
        return file and file.content


@pytest.fixture(params=[OWN, OURS], ids=["streamlit", "ours"])
def ours(request, monkeypatch) -> bool:
    for place, function in zip(PLACES, request.param, strict=True):
        monkeypatch.setattr(MediaFileManager, place, function)
    return request.param is OURS


@pytest.fixture
def server(monkeypatch) -> Server:
    return Server(monkeypatch)


def test_what_the_browser_shows_can_be_had_when_the_page_has_run_once_more(ours, server):
    """The click itself starts that run. Where Streamlit passes, the fault is mended, and `generated_files` can go."""
    shown = server.page()
    server.page()
    assert bool(server.click(shown)) is ours


def test_a_file_that_was_made_waits_for_the_browser_though_others_are_at_work(ours, server):
    made = server.click(server.page())
    server.page()
    server.page()
    assert server.fetch(made) == (b"a,b" if ours else None)


def test_a_minute_later_both_are_gone(monkeypatch, server):
    for place, function in zip(PLACES, OURS, strict=True):
        monkeypatch.setattr(MediaFileManager, place, function)
    shown = server.page()
    made = server.click(shown)
    for server.now in (1.0, 60.5):
        server.page()
        assert server.fetch(made) == b"a,b" and server.click(shown)
    for server.now in (62.0, 123.0, 124.0):
        server.page()
    assert server.click(shown) is None and server.fetch(made) is None
    assert len(server.manager._deferred_callables) == 3, "those of the last minute"


def test_the_minute_begins_anew_when_a_page_names_the_file_again(monkeypatch, server):
    for place, function in zip(PLACES, OURS, strict=True):
        monkeypatch.setattr(MediaFileManager, place, function)
    made = server.click(server.page())
    id = made.split(".")[0]
    server.page()
    server.now = 59.0
    server.manager._files_by_session_and_coord["another"]["2.0"] = id
    server.page()
    server.now, server.manager._files_by_session_and_coord["another"] = 100.0, {}
    server.page()
    server.page()
    assert server.fetch(made) == b"a,b"


def test_the_server_uses_it(monkeypatch):
    for place, function in zip(PLACES, OWN, strict=True):
        monkeypatch.setattr(MediaFileManager, place, function)
    runpy.run_path(str(ROOT / "app.py"))
    assert tuple(getattr(MediaFileManager, place) for place in PLACES) == OURS
