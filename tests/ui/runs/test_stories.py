"""What a page says of a story that somebody has given."""

from types import SimpleNamespace

import streamlit as st

from explorer import Refused, runs
from explorer.runs import Spec
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


def test_who_opens_a_story_second_is_told_that_it_is_here(monkeypatch):
    run = runs.create(Spec(kind="train", title="a", method="simclr", dataset="digits", user="me"))
    for user, says in {"me": "It is among your runs now.", "you": "It is here already"}.items():
        monkeypatch.setattr(stories.identity, "me", lambda user=user: user)
        assert stories._where(run.id).startswith(says)
