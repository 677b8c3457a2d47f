"""Photographs and drawings that a browser sends: what is none is refused, and there are not too many."""

import base64

import pytest
import streamlit as st

from explorer import Refused
from pages.ui.kit import picture_source
from tests.data.image_cases import encoded, picture

HEAD = "data:image/png;base64,"
DRAWING = HEAD + base64.b64encode(encoded(picture())).decode()


@pytest.fixture(autouse=True)
def shots(monkeypatch):
    kept = []
    monkeypatch.setattr(st, "session_state", {"_pictures-shots": kept})
    return kept


@pytest.mark.parametrize(
    "drawn", [f"{HEAD}abcde", f"{HEAD}AA!AA~A", f"{HEAD}é", "data:text/html;base64,AAAA", HEAD + "A" * 2_000_000]
)
def test_what_is_no_drawing_is_refused_in_a_sentence(drawn, shots):
    with pytest.raises(Refused, match="send another one"):
        picture_source._take("pictures", drawn, "cat")
    picture_source._take("pictures", None, "cat")
    assert not shots


@pytest.mark.parametrize(("number", "megabytes"), [(2, "100"), (500, "0.001")])
def test_there_are_only_so_many_and_only_so_large(number, megabytes, shots, monkeypatch):
    monkeypatch.setattr(picture_source, "MOST_SHOTS", number)
    monkeypatch.setattr(picture_source.settings, "megabytes", lambda _: int(float(megabytes) * 1_000_000))
    with pytest.raises(Refused, match="bring these in first"):
        for _ in range(3):
            picture_source._take("pictures", DRAWING, "cat")
    assert len(shots) == (2 if number == 2 else 0)
