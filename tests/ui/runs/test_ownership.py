"""Whose a run is, and who may stop or delete it."""

import pytest
import streamlit as st

from explorer import engine, runs
from pages.ui.kit import identity, teacher, visibility
from pages.ui.runs import ownership
from tests.engine.tools import spec


@pytest.mark.parametrize(
    ("owner", "password", "given", "may"),
    [
        ("anna", "secret", "", True),
        ("ben", "secret", "", False),
        ("ben", "secret", "guess", False),
        ("ben", "secret", "secret", True),
        ("ben", "", "", True),  # no teacher is named: everybody is one
    ],
)
def test_only_its_owner_or_the_teacher_may_delete_a_run(owner, password, given, may, monkeypatch):
    monkeypatch.setenv("EXPLORER_TEACHER", password)
    monkeypatch.setattr(identity, "me", lambda: "anna")
    monkeypatch.setattr(st, "session_state", {teacher.PASSWORD: given})
    assert ownership.may_change(runs.create(spec().model_copy(update={"user": owner}))) == may


@pytest.mark.parametrize(
    ("me", "session", "may"), [("", "same", True), ("", "another", False), ("anna", "another", True)]
)
def test_what_a_browser_has_submitted_is_its_own_and_without_cookies_its_sessions(me, session, may, monkeypatch):
    monkeypatch.setenv("EXPLORER_TEACHER", "secret")
    monkeypatch.setattr(identity, "me", lambda: me)
    monkeypatch.setattr(engine, "submit", lambda spec, user: runs.create(spec.model_copy(update={"user": user})))
    monkeypatch.setattr(st, "session_state", {})
    run = ownership.submit(spec())
    if session == "another":
        monkeypatch.setattr(st, "session_state", {})
    assert (ownership.mine(run), ownership.may_change(run)) == (may, may)
    assert (ownership.whose(run) == "yours") == may


def test_what_another_has_submitted_before_stays_theirs(monkeypatch):
    """A job of one address is submitted once, whoever asks for it again."""
    theirs = runs.create(spec().model_copy(update={"user": "ben"}))
    monkeypatch.setattr(identity, "me", lambda: "anna")
    monkeypatch.setattr(engine, "submit", lambda spec, user: theirs)
    monkeypatch.setattr(st, "session_state", {})
    assert not ownership.mine(ownership.submit(theirs.spec))


@pytest.mark.parametrize(
    ("dataset", "models", "there"),
    [
        ("digits", ("digits-simclr", "pca:5"), True),
        ("garments", (), False),
        ("digits", ("pca:5", "garments-simclr@best"), False),
    ],
)
def test_nothing_is_seen_of_anothers_pictures_nor_of_models_trained_on_them(dataset, models, there, monkeypatch):
    run = runs.create(spec().model_copy(update={"dataset": dataset, "models": models}))
    monkeypatch.setattr(visibility, "foreign", lambda: frozenset({"garments"}))
    assert bool(ownership.seen([run])) == there
    monkeypatch.setattr(visibility, "foreign", lambda: frozenset())
    assert ownership.seen([run])
