"""Choices that stand in the address: those that pages share, and those of one page, found again when it is.

Streamlit's own `bind="query-params"` is right for a widget that only one page has. For a choice that several pages
share (data set, model, run) it is not: a link from a page that binds `data` to another with `?data=…` loses it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state_proxy import get_session_state

from pages.ui.kit import url_notices, url_parameters
from pages.ui.kit.navigation import link

__all__ = [
    "SHARED", "arrive", "asked", "choice", "expected", "flag", "forget", "hidden", "link", "names", "prepare", "put",
    "read", "remember", "reset", "restart", "shared",
]  # fmt: skip

SHARED = ("data", "model")  # what all pages have in common; any other choice belongs to its page


class Choice(NamedTuple):
    """What was chosen under one key, on which visit of a page, and how the address spells it."""

    visit: int
    value: Any
    text: str | None  # in the address
    labels: Mapping[str, Any]  # options by what they were called; the chosen one by all it was ever called
    quiet: bool  # reached by the browser's back or forward: saying more would put a new address in the way of going on


HIDE = "hide"  # the query parameter of a link that hides parts of a page


def read(key: str, default: str = "") -> str:
    """What the address says under a key; `default` where it says nothing that this page can use."""
    return url_parameters.read(_page(), key, default)


def names() -> list[str]:
    """The keys of the address."""
    return list(st.query_params)


def put(key: str, text: str | None) -> None:
    """Let the address say this under a key; None: nothing."""
    if text is not None:
        st.query_params[key] = text
    elif key in st.query_params:
        del st.query_params[key]


def restart(**keep: str) -> None:
    """Let the address say `keep` alone."""
    st.query_params.from_dict(keep)


def _page() -> str:
    page = st.session_state.get("_page")
    return "home" if page == "" else page or "none"


def hidden(part: str) -> bool:
    """Whether the address hides a part of the page: `?hide=controls`."""
    return part in read(HIDE).split(",")


def flag(name: str) -> bool:
    """Whether a link asks for something to be open: `?own=1`."""
    url_notices.handled(name)
    return name in st.query_params


def arrive(page: str) -> bool:
    """Note which page is about to run, and what the address asks of it; says whether it is another than before.

    A page that was left is found again as it was, unless the address asks for something of its own.
    """
    state, before = st.session_state, st.session_state.get("_page")
    url_notices.arrive(page, page != before)
    if page == before:
        _confirm()
        return False
    _forget(before)
    asked = any(key not in SHARED for key in st.query_params) or get_script_run_ctx().is_history_navigation
    state["_page"], state["_visit"], state["_returns"] = page, state.get("_visit", 0) + 1, not asked
    for key, (value, text) in ({} if asked else _kept().get(page, {})).items():
        state[key], st.query_params[key] = value, text
    return True


def _confirm() -> None:
    """A link to the page that one is on changes the address for the script alone: let the browser show it too.

    Else its next request asks for the address before. The browser ignores what it shows already.
    """
    if get_script_run_ctx().is_history_navigation or url_notices.untouched():
        return
    with get_session_state().query_params() as query:
        query._send_query_param_msg()


def remember() -> None:
    """The page stands: keep what its own widgets have put into the address, for the way back to it."""
    state, page = st.session_state, st.session_state.get("_page", "")
    own = [key for key in st.query_params if key in state and key not in SHARED and _slot(key) not in _choices()]
    _kept()[page] = {key: (state[key], st.query_params.get_all(key)) for key in own}


def reset(**keep: str) -> None:
    """The callback that brings a visit to its start: what was chosen is forgotten, the address says `keep` alone.

    Streamlit seeds a bound widget from the address with which the visit began; `navigation.fresh` leads out of that.
    """
    for key in list(st.session_state):
        del st.session_state[key]
    restart(**keep)


def _forget(page: str | None) -> None:
    """Widgets of one name on two pages are two widgets: the values of one page's stay behind when it is left."""
    for key in _kept().get(page, {}):
        st.session_state.pop(key, None)


def _kept() -> dict[str | None, dict[str, tuple[Any, list[str]]]]:
    """The values of each page's own widgets when it was left, and how the address spelled them."""
    return st.session_state.setdefault("_kept", {})


def _choices() -> dict[tuple[str, str], Choice]:
    return st.session_state.setdefault("_choices", {})


def shared() -> dict[str, str]:
    """What all pages have in common, as this page's address says it."""
    return {key: read(key) for key in SHARED if key in st.query_params}


def _slot(key: str) -> tuple[str, str]:
    """Where a choice is remembered: for all pages, or for this one alone."""
    return "" if key in SHARED else st.session_state.get("_page", ""), key


def asked(key: str) -> bool:
    """Whether the address names a choice that it did not name when this page was drawn last."""
    before, text = _choices().get(_slot(key)), st.query_params.get(key)
    return text is not None and (
        before is None or before.visit != st.session_state.get("_visit", 0) or text != before.text
    )


def expected(key: str) -> str | None:
    """What a choice will be if it is among its options, before its widget is drawn; None where nobody has chosen."""
    if asked(key):
        return st.query_params[key]
    before = _choices().get(_slot(key))
    if before is None:
        return None
    if before.visit == st.session_state.get("_visit", 0):
        return str(st.session_state.get(key, before.value))
    return str(before.value) if key in SHARED or st.session_state.get("_returns") else None


def forget(key: str) -> None:
    """What was chosen is no longer among what can be chosen: neither the address nor the widget names it."""
    st.session_state.pop(key, None)
    _choices().pop(_slot(key), None)
    put(key, None)


def _incoming(key: str, options: Sequence[Any], default: Any) -> tuple[bool, Any, str | None]:
    """Whether the widget must be set before it is drawn, to what, and what the address asks that is no option."""
    visit, text, before = st.session_state.get("_visit", 0), st.query_params.get(key), _choices().get(_slot(key))
    moved, unknown = before is None or before.visit != visit, None
    if asked(key):
        wanted = next((option for option in options if str(option) == text), default)
        unknown = None if str(wanted) == text else text
    elif moved:
        wanted = before.value if before and (key in SHARED or st.session_state.get("_returns")) else default
    elif text != before.text:  # back in the history, to an address without it
        wanted = default
    else:  # a run of the page that was cut short may have lost the widget, and with it its value
        wanted = st.session_state.get(key, before.value)
        wanted = wanted if wanted in options else before.labels.get(wanted, wanted)  # a browser reports labels
    wanted = wanted if wanted in options else default
    return wanted != st.session_state.get(key) or moved, wanted, unknown


def choice(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[Any],
    *,
    key: str,
    default: Any = None,
    always: bool = False,
    missing: Callable[[str], str] | None = None,
    **more: Any,
) -> Any:
    """A widget of one choice (`st.selectbox`, `st.segmented_control` …) that stands in the address as `?key=…`.

    A page that is visited again starts from what was chosen there before; the choices of `SHARED` are the same on all
    pages. An unknown value in the address falls back to `default` (the first option unless given), which stands in the
    address only if `always`; the visitor is told, in the sentence that `missing` makes of the value, if given.
    """
    default = options[0] if default is None else default
    must_set, wanted, unknown = _incoming(key, options, default)
    label_of = more.get("format_func", str)
    url_notices.handled(key)
    if unknown is not None:
        url_notices.note(key, unknown, label_of(wanted), missing(unknown) if missing else "")
    if must_set:
        st.session_state[key] = wanted
    value = widget(label, options, key=key, **more)
    value = wanted if value is None else value
    labels = _former_labels(key, value) | {label_of(option): option for option in options}
    _write(key, value, None if value == default and not always else str(value), labels)
    return value


def _former_labels(key: str, value: Any) -> dict[str, Any]:
    """What the chosen option was called before: the browser goes on reporting the label that was clicked."""
    before = _choices().get(_slot(key))
    return {label: option for label, option in (before.labels if before else {}).items() if option == value}


def _write(key: str, value: Any, text: str | None, labels: Mapping[str, Any]) -> None:
    """Let the address name the choice, unless it does already, and remember it."""
    visit, now, before = st.session_state.get("_visit", 0), st.query_params.get(key), _choices().get(_slot(key))
    text = now if now == str(value) else text  # a default that the address spells out may stay
    here = before is not None and before.visit == visit
    quiet = get_script_run_ctx().is_history_navigation or (here and before.quiet and before.value == value)
    if not quiet and (now != text or (here and before.text != text)):  # a link to its own page has changed only ours
        put(key, text)
    _choices()[_slot(key)] = Choice(visit, value, st.query_params.get(key), labels, quiet)


def prepare(key: str, text: str | None) -> None:
    """What the address says under `key`, or no more says, from its next write on: two changes are then one entry."""
    if get_script_run_ctx().is_history_navigation:
        return
    with get_session_state().query_params() as query:
        if text is None:
            query.discard_param_no_forward_msg(key)
        else:
            query.set_with_no_forward_msg(key, text)
