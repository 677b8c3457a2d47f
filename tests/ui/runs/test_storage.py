"""The storage of this machine on the page of runs: sizes, and the button that clears them."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer import data
from explorer.system import caches
from tests.ui.test_pages import no_links  # noqa: F401 - a fixture


@pytest.fixture
def page(tmp_path, monkeypatch, no_links):  # noqa: F811
    """The section alone, opened."""
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    at = AppTest.from_string("from pages.ui.runs import storage\nstorage.show()", default_timeout=60)
    at.session_state["storage"] = True
    return at


def text(at):
    return "\n".join(it.value for it in [*at.markdown, *at.caption, *at.success])


def clear(at, what=""):
    at.selectbox(key="storage-kind").set_value(what).run()
    at.checkbox(key="storage-sure").check().run()
    at.button(key="storage-do").click().run()
    assert not at.exception and not at.error
    return at


def test_the_sizes_are_those_that_are_measured(page):
    data.load("digits", 8)
    page.run()
    kind = next(kind for kind in caches.measure() if kind.name == "data")
    shown = page.dataframe[0].value.set_index("cache").loc["Decoded data sets"]
    assert (shown["entries"], shown["folder"]) == (1, str(kind.folder))
    assert shown["size"] == f"{kind.size / 1000:.0f} kB" and shown["size"] in text(page)


def test_the_folders_of_the_server_are_shown_to_the_teacher_alone(page, monkeypatch):
    data.load("digits", 8)
    monkeypatch.setenv("EXPLORER_TEACHER", "chalk")
    assert "folder" not in page.run().dataframe[0].value.columns
    page.session_state["_teacher"] = "chalk"
    assert "folder" in page.run().dataframe[0].value.columns


def test_nothing_is_measured_before_it_is_opened(page, monkeypatch):
    monkeypatch.setattr(caches, "measure", None)
    page.session_state["storage"] = False
    assert not page.run().exception and not page.error


def test_the_button_clears_after_a_confirmation_and_says_how_much_was_freed(page):
    data.load("digits", 8)
    page.run()
    assert page.button(key="storage-do").disabled, "without the confirmation it does nothing"
    size = sum(kind.size for kind in caches.measure())
    clear(page)
    assert f"{size / 1000:.0f} kB freed." in text(page)
    assert "There is nothing to clear." in text(page)
    assert "freed" not in text(page.run()), "it is said once"


def test_one_kind_is_cleared_alone_and_what_is_in_use_is_named(page, tmp_path):
    dataset = data.load("digits", 8)
    other = tmp_path / "cache/features"
    other.mkdir()
    (other / "a.npy").write_bytes(bytes(2000))
    clear(page.run(), "data")
    assert "0 B freed." in text(page) and "stays: in use" in text(page).replace("\\", "")
    assert (other / "a.npy").exists() and dataset.size == 8


def test_where_a_password_guards_the_class_only_the_teacher_clears(page, monkeypatch):
    monkeypatch.setenv("EXPLORER_TEACHER", "secret")
    data.load("digits", 8)
    page.run()
    assert "Only the teacher may clear" in text(page)
    assert not [it for it in page.button if it.key == "storage-do"]
