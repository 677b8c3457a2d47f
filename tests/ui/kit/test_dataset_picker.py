"""Choosing a data set: how far its first decoding is, and stopping it."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import data
from explorer.data import cache
from pages.ui.kit import dataset_picker
from tests.data.image_cases import pets, put

PAGE = """
import streamlit as st
from pages.ui.kit import dataset_picker
st.title(dataset_picker.load("pets").title)
"""


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    put(tmp_path / "data/pets", pets(6))
    return AppTest.from_string(PAGE, default_timeout=60)


def test_a_decoding_shows_how_far_it_is_and_goes_when_it_is_done(page, monkeypatch):
    heard, real = [], dataset_picker._Bar.__call__
    monkeypatch.setattr(dataset_picker._Bar, "__call__", lambda *it: (heard.append(it[1:]), real(*it)))
    page.run()
    assert not page.exception and page.title[0].value == "Pets"
    assert (0.0, "reading Pets") in heard and heard[-1] == (1.0, "Pets is ready")
    assert not page.button, "the button to stop it has gone"


def test_a_decoding_that_was_stopped_begins_when_the_visitor_wants_it(page, monkeypatch):
    page.session_state[dataset_picker.STOPPED] = "pets"
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_decode", None)
        page.run()
        assert not page.title and "**Pets is not decoded**" in page.markdown[0].value
    page.button(key="decoding-again").click().run()
    assert page.title[0].value == "Pets"


def test_what_somebody_else_has_decoded_is_opened_at_once(page):
    data.load("pets")
    page.session_state[dataset_picker.STOPPED] = "pets"
    assert page.run().title[0].value == "Pets"
