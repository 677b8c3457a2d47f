"""Where a visitor is: the pages, links between them, and choices that stand in the address and outlive a page.

Streamlit's own `bind="query-params"` is right for a widget that only one page has. For a choice that several pages
share (data set, model, run) it is not: a link from a page that binds `data` to another with `?data=…` loses it.
"""

import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import Page
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.kit import url_notices

PAGES = Path(__file__).parents[2]
TABLE = (
    ("home", "Start", "blur_on"),
    ("lessons", "Lessons", "school"),
    ("data", "Data", "photo_library"),
    ("views", "Views", "crop_rotate"),
    ("methods", "Methods", "menu_book"),
    ("train", "Train", "play_circle"),
    ("latents", "Latents", "tune"),
    ("embeddings", "Embeddings", "bubble_chart"),
    ("transfer", "Transfer", "move_up"),
)


class Choice(NamedTuple):
    """What was chosen under one key, on which page, and how the address spells it."""

    page: str
    value: Any
    text: str | None  # in the address
    quiet: bool  # reached by the browser's back or forward: saying more would put a new address in the way of going on


HIDE = "hide"  # the query parameter of a link that hides parts of a page


def hidden(part: str) -> bool:
    """Whether the address hides a part of the page: `?hide=controls`."""
    return part in st.query_params.get(HIDE, "").split(",")


def reset(**keep: str) -> None:
    """The callback that brings a page to its start: what was chosen is forgotten, the address says `keep` alone.

    Streamlit seeds a bound widget anew from the address with which the visit began; `fresh` leads out of that, too.
    """
    for key in list(st.session_state):
        del st.session_state[key]
    st.query_params.from_dict(keep)


def _file(name: str) -> Path:
    return PAGES / f"{name}.py"


def fresh(page: str, label: str, **keep: str) -> None:
    """A link that loads a page anew, in a session that remembers nothing."""
    address = html.escape(f"/{'' if page == 'home' else page}" + (f"?{urlencode(keep)}" if keep else ""))
    st.html(f'<a class="unfold-download unfold-fresh" href="{address}" target="_self">{html.escape(label)}</a>',
            width="content")  # fmt: skip


def exists(name: str) -> bool:
    """Whether there is a page of this name."""
    return _file(name).exists()


def pages() -> list[Page]:
    """Every page that exists, in the order of the navigation."""
    table = [entry for entry in TABLE if _file(entry[0]).exists()]
    return [
        st.Page(_file(name), title=title, icon=f":material/{icon}:", default=name == "home")
        for name, title, icon in table
    ]


def link(name: str, label: str, icon: str | None = None, **params: object) -> None:
    """A link to another page of the app; `params` become its query parameters."""
    if exists(name):
        query = {key: str(value) for key, value in params.items()}
        st.page_link(str(_file(name)), label=label, icon=icon and f":material/{icon}:", query_params=query or None)


def arrive(page: str) -> bool:
    """Note which page is about to run, and what the address asks of it; says whether it is another than before."""
    moved = page != st.session_state.get("_page")
    url_notices.arrive(moved)
    st.session_state["_page"] = page
    return moved


def _incoming(key: str, options: Sequence[Any], default: Any) -> tuple[bool, Any, str | None]:
    """Whether the widget must be set before it is drawn, to what, and what the address asks that is no option."""
    page, text = st.session_state.get("_page", ""), st.query_params.get(key)
    before: Choice | None = st.session_state.setdefault("_choices", {}).get(key)
    moved, unknown = before is None or before.page != page, None
    if text is not None and (moved or text != before.text):
        wanted = next((option for option in options if str(option) == text), default)
        unknown = None if str(wanted) == text else text
    elif moved:
        wanted = before.value if before else default
    elif text != before.text:  # back in the history, to an address without it
        wanted = default
    else:
        wanted = st.session_state.get(key, default)
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

    The choice survives a change of page: another page with the same `key` starts from it. An unknown value in the
    address falls back to `default` (the first option unless given), which stands in the address only if `always`; the
    visitor is told, in the sentence that `missing` makes of the value, if given.
    """
    default = options[0] if default is None else default
    must_set, wanted, unknown = _incoming(key, options, default)
    url_notices.handled(key)
    if unknown is not None:
        url_notices.note(key, unknown, more.get("format_func", str)(wanted), missing(unknown) if missing else "")
    if must_set:
        st.session_state[key] = wanted
    value = widget(label, options, key=key, **more)
    value = wanted if value is None else value
    _write(key, value, None if value == default and not always else str(value))
    return value


def _write(key: str, value: Any, text: str | None) -> None:
    """Let the address name the choice, unless it does already, and remember it."""
    page, now = st.session_state.get("_page", ""), st.query_params.get(key)
    text = now if now == str(value) else text  # a default that the address spells out may stay
    before: Choice | None = st.session_state["_choices"].get(key)
    here = before is not None and before.page == page
    quiet = get_script_run_ctx().is_history_navigation or (here and before.quiet and before.value == value)
    if not quiet and (now != text or (here and before.text != text)):  # a link to its own page has changed only ours
        _set_parameter(key, text)
    st.session_state["_choices"][key] = Choice(page, value, st.query_params.get(key), quiet)


def _set_parameter(key: str, text: str | None) -> None:
    if text is not None:
        st.query_params[key] = text
    elif key in st.query_params:
        del st.query_params[key]
