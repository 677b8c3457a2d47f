"""Corrections of the address: one for a run of the script, none while the browser goes back or forward."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from streamlit.runtime.state.query_params import QueryParams

from pages.ui.app import history


@pytest.mark.parametrize(("back", "writes"), [(False, ["a=1"]), (True, [])])
def test_defaults_that_leave_the_address_are_one_entry_of_the_history_and_none_on_the_way_back(
    back, writes, monkeypatch
):
    sent = []
    query = QueryParams({"a": "1", "b": "2", "c": "3"})
    monkeypatch.setattr(history, "get_script_run_ctx", lambda: SimpleNamespace(is_history_navigation=back))
    monkeypatch.setattr(history, "_send", lambda it: sent.append("&".join(f"{k}={v}" for k, v in it.to_dict().items())))
    monkeypatch.setattr(QueryParams, "_send_query_param_msg", history.send)
    monkeypatch.setattr(QueryParams, "remove_param", history.remove)
    monkeypatch.setattr(history, "get_session_state", lambda: SimpleNamespace(query_params=lambda: nullcontext(query)))
    assert query.remove_param("b") and query.remove_param("c") and not query.remove_param("none")
    assert not sent
    for _ in range(2):
        history.settle()
    assert sent == writes
