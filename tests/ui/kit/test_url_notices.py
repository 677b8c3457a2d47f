"""Nonsense in an address: one sentence says what was ignored and what is shown instead, until something is chosen."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.kit import url_notices


def page(name: str = "views", stops: bool = False) -> None:
    import streamlit as st

    from pages.ui.kit import messages, url_notices, url_state

    url_state.arrive(name)
    messages.reserve_notice()
    words = {"red": "Red", "blue": "Blue"}
    url_state.choice(st.selectbox, "Colour", list(words), key="colour", format_func=words.get)
    url_state.choice(st.selectbox, "Run", ["a", "b"], key="run", always=True, missing="There is no run '{}'.".format)
    if stops:
        messages.leave()  # as the frame does behind it
        messages.stop()
    st.slider("Share", 0.0, 1.0, 0.5, key="share", bind="query-params")
    st.number_input("Row", 0, 9, 3, key="row", bind="query-params")
    st.toggle("On", key="on", bind="query-params")
    labels = {"x": "X", "y": "Y", "z": "Z"}
    st.multiselect("Maps", [*labels], ["x"], format_func=labels.get, key="maps", bind="query-params")
    url_notices.option_labels("maps", labels)
    messages.leave()


def visit(address, **of):
    at = AppTest.from_function(page, kwargs=of)
    at.query_params.update(address)
    at.run(timeout=60)
    assert not at.exception
    return at


def said(at):
    assert len(at.info) <= 1
    return at.info[0].value.replace("\\", "") if at.info else ""


def test_what_was_ignored_is_said_in_one_sentence_with_what_is_shown_instead():
    at = visit({"colour": "x", "share": "9", "row": "abc", "on": "maybe", "maps": "q", "utm_source": "1", "rwo": "1"})
    parts = [
        "colour=x (shown instead: Red)", "share=9 (shown instead: 0.5)", "row=abc (shown instead: 3)",
        "on=maybe (shown instead: false)", "maps=q (shown instead: X)",
    ]  # fmt: skip
    text = said(at)
    assert text.startswith("Some of this address could not be used: ") and text.count(".") == 2  # 0.5 and the end
    assert all(part in text for part in parts)
    assert "rwo (this page has no such choice)" in text
    assert "utm" not in text, "what others put into an address is not the visitor's mistake"


def test_what_can_be_shown_is_not_spoken_of():
    asked = {"colour": "blue", "run": "a", "share": "0.50", "row": "4", "on": "TRUE", "maps": "X"}
    assert said(visit(asked)) == ""
    assert said(visit({})) == ""


def test_a_sentence_of_its_own_goes_before_the_common_one():
    assert said(visit({"run": "z"})) == "There is no run 'z'."


def test_the_sentence_stands_until_something_else_is_chosen_there():
    at = visit({"colour": "x", "share": "9"})
    at.toggle[0].set_value(True).run(timeout=60)
    assert "colour=x" in said(at) and "share=9" in said(at)
    at.selectbox(key="colour").set_value("blue").run(timeout=60)
    assert "colour=x" not in said(at) and "share=9" in said(at)
    at.slider[0].set_value(0.7).run(timeout=60)
    assert said(at) == ""


def test_a_page_that_stops_early_has_said_it():
    at = visit({"colour": "x"}, stops=True)
    assert "colour=x" in said(at)
    assert not at.slider


def two_pages() -> None:
    import streamlit as st

    from tests.ui.kit.test_url_notices import page

    page(st.session_state.get("now", "views"))


def test_another_page_begins_without_it():
    at = AppTest.from_function(two_pages)
    at.query_params["colour"] = "x"
    assert "colour=x" in said(at.run(timeout=60))
    at.session_state["now"] = "train"
    assert said(at.run(timeout=60)) == ""


@pytest.mark.parametrize(
    ("said", "value", "agrees"),
    [
        (["0.5"], 0.5, True),
        (["1e-3"], 0.001, True),
        (["abc"], 0, False),
        (["nan"], 0.5, False),
        (["true"], True, True),
        (["1"], True, False),
        ([""], None, True),
        (["b", "A"], ("a", "b"), True),
        (["q"], ("a",), False),
        (["a", "q"], ("a",), False),
        ([""], (), True),
    ],
)
def test_a_widget_agrees_with_the_address_or_not(said, value, agrees):
    assert url_notices._agrees(said, value) == agrees
