"""What a page says of a story that somebody has given."""

from types import SimpleNamespace

import streamlit as st

from explorer import Refused
from pages.ui.runs import stories


def test_a_refused_file_is_checked_once(monkeypatch):
    tried, said = [], []

    def refuse(path, user):
        tried.append(path.name)
        raise Refused("it is damaged")

    given = SimpleNamespace(file_id="7", name="s.zip", getbuffer=lambda: memoryview(b"x"))
    monkeypatch.setattr(stories.opening, "open_story", refuse)
    monkeypatch.setattr(stories.identity, "me", lambda: "me")
    monkeypatch.setattr(stories.st, "session_state", {})
    monkeypatch.setattr(stories.st, "file_uploader", lambda *_, **__: given)
    monkeypatch.setattr(st, "error", lambda text, **_: said.append(text))
    for _ in range(3):
        stories.offer()
    assert tried == ["s.zip"]
    assert len(said) == 3
    given.file_id = "8"
    stories.offer()
    assert len(tried) == 2
