"""Whose a run is, and who may stop or delete it."""

import pytest
import streamlit as st

from explorer import runs
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
    monkeypatch.setattr(st, "session_state", {teacher.GIVEN: given})
    assert ownership.may_change(runs.create(spec().model_copy(update={"user": owner}))) == may
