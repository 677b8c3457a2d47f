"""Whose a run is, and who may stop or delete it."""

import pytest
import streamlit as st

from explorer import engine, runs
from explorer.data.image_sets import store as image_sets
from pages.ui.kit import identity, teacher
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


def test_what_is_made_of_pictures_that_nobody_shares_is_neither_listed_nor_found_by_others(monkeypatch):
    """Neither by its data set, nor by a model, nor by a model of that model."""
    about = image_sets.ImageSet("pets", "Pets", {}, 0, "anna", False, "", "", (), ())
    monkeypatch.setattr(image_sets, "find", lambda name: about if name == "pets" else None)
    monkeypatch.setattr(st, "session_state", {})
    fields = {"title": "Mine", "method": "simclr"}
    training = runs.create(runs.Spec(kind="train", dataset="pets", **fields))
    moved = runs.create(runs.Spec(kind="transfer", dataset="digits", models=(f"{training.id}@best",), **fields))
    map = runs.create(runs.Spec(kind="map", dataset="digits", models=("pixels", moved.id), **fields))
    free = runs.create(runs.Spec(kind="map", dataset="digits", models=("pixels",), **fields))
    for me, seen in (("anna", {training.id, moved.id, map.id, free.id}), ("ben", {free.id})):
        monkeypatch.setattr(identity, "me", lambda me=me: me)
        assert {run.id for run in ownership.listing(None, shipped=False)} == seen
        assert {run.id for run in (training, moved, map, free) if ownership.find(run.id)} == seen
