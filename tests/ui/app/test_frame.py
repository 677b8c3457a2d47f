"""The frame around every page: it comes to its end whatever the page does."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.app import presenter
from pages.ui.kit import glossary, messages, navigation, preload
from tests.test_architecture import ROOT


def whole() -> None:
    import streamlit as st

    st.markdown("shown")


def stopped() -> None:
    import streamlit as st

    from pages.ui.kit import messages

    st.markdown("shown")
    messages.stop()
    st.markdown("not shown")


@pytest.mark.parametrize("page", [whole, stopped])
def test_what_comes_behind_a_page_is_done_also_where_the_page_ends_early(page, monkeypatch):
    import streamlit as st

    done = []
    monkeypatch.setattr(navigation, "pages", lambda: {"": [st.Page(page, title="A page", default=True)]})
    for module in (presenter, glossary):
        monkeypatch.setattr(module, "show" if module is presenter else "listen", lambda: None)
    monkeypatch.setattr(messages, "leave", lambda: done.append("left"))
    monkeypatch.setattr(preload, "start", lambda: done.append("preloads"))
    at = AppTest.from_file(f"{ROOT}/pages/ui/app/frame.py", default_timeout=60).run()
    assert not at.exception, at.exception
    assert [it.value for it in at.markdown] == ["shown"]
    assert done == ["left", "preloads"]


def test_torch_is_there_when_its_import_has_ended_and_not_when_it_begins(monkeypatch, tmp_path):
    import importlib
    import sys

    (tmp_path / "heavy_module.py").write_text(
        "from pages.ui.kit import preload\nSEEN = preload.done()\n"
    )  # asked in the middle of its own import
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(preload, "HEAVY", "heavy_module")
    assert not preload.done()
    module = importlib.import_module("heavy_module")
    assert not module.SEEN and preload.done()
    del sys.modules["heavy_module"]
