"""What an address hides, and a page brought to its start."""

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.ui.kit import url_state

    url_state.arrive("lessons")
    url_state.choice(st.selectbox, "Method", ["simclr", "byol"], key="method")
    st.slider("Steps", 1, 9, 5, key="steps", bind="query-params")
    st.button("Reset", on_click=url_state.reset, kwargs={"lesson": "one"})
    st.write(f"hidden: {url_state.hidden('controls')}")


@pytest.mark.parametrize(
    ("hide", "hidden"), [("", False), ("controls", True), ("rail,controls", True), ("control", False)]
)
def test_an_address_may_hide_a_part_of_a_page(hide, hidden):
    at = AppTest.from_function(page)
    at.query_params["hide"] = hide
    assert f"hidden: {hidden}" in at.run(timeout=60).markdown[-1].value


def test_reset_brings_a_page_to_its_start_and_its_address_to_what_is_kept():
    at = AppTest.from_function(page)
    at.query_params.update({"method": "byol", "lesson": "one", "step": "3"})
    at.run(timeout=60)
    at.slider[0].set_value(7).run(timeout=60)
    assert (at.selectbox[0].value, at.slider[0].value) == ("byol", 7)
    at.button[0].click().run(timeout=60)
    assert not at.exception
    assert (at.selectbox[0].value, at.slider[0].value) == ("simclr", 5)
    assert {key: value for key, value in at.query_params.items() if key != "steps"} == {"lesson": "one"}
