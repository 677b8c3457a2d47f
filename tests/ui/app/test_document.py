"""The document of every page: Streamlit's own, with a title, the address of the server and the style in it."""

from pathlib import Path

import pytest
import streamlit as st

from pages.ui.app import document, style

SHELL = (Path(st.__file__).parent / "static" / "index.html").read_bytes()


@pytest.fixture(scope="module")
def completed() -> str:
    return document.completed(SHELL).decode()


def test_the_document_is_named_before_a_page_names_itself(completed):
    assert "<title>Unfold</title>" in completed


def test_the_style_stands_once_behind_that_of_streamlit(completed):
    assert completed.count(style.element()) == 1
    assert completed.index(style.element()) > completed.index("</head>")


def test_the_address_of_the_server_is_known_before_any_script(completed):
    assert completed.index("BACKEND_BASE_URL") < completed.index("<script", completed.index("<script") + 1)
