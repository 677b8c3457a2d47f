"""Where a visitor can be: the pages in their groups, links between them, the page that was probably meant."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import Page

from pages.ui.kit.plain_text import markup

PAGES = Path(__file__).parents[2]
GROUPS = {  # of the navigation: (file and address, title, icon) of each page
    "Learn": (
        ("home", "Start", "blur_on"),
        ("lessons", "Lessons", "school"),
        ("methods", "Methods", "menu_book"),
        ("studies", "Studies", "fact_check"),
    ),
    "Look": (("data", "Data", "photo_library"), ("views", "Views", "crop_rotate")),
    "Train": (("new", "New training", "play_circle"), ("runs", "Runs", "monitoring")),
    "Explore": (
        ("latents", "Latents", "tune"),
        ("embeddings", "Embeddings", "bubble_chart"),
        ("compare", "Compare", "compare_arrows"),
    ),
    "Use": (("transfer", "Transfer", "move_up"),),
}
FORMER = {"train": "Training"}  # addresses of earlier versions: each leads on to where its pages are now
TABLE = tuple(entry for group in GROUPS.values() for entry in group)
LOST = "lost"  # of the address: what was asked for that is no page


def _file(name: str) -> Path:
    return PAGES / f"{name}.py"


def pages() -> dict[str, list[Page]]:
    """Every page that exists, by its group of the navigation; former addresses are not shown."""
    groups = {
        group: [_page(*entry) for entry in entries if _file(entry[0]).exists()] for group, entries in GROUPS.items()
    }
    hidden = [_page(name, title, "arrow_forward", visibility="hidden") for name, title in FORMER.items()]
    return {group: some + hidden * (group == "Train") for group, some in groups.items()}


def _page(name: str, title: str, icon: str, **more: Any) -> Page:
    return st.Page(_file(name), title=title, icon=f":material/{icon}:", default=name == "home", **more)


def names() -> set[str]:
    """The addresses of all pages, former ones among them."""
    return {name for name, _, _ in TABLE} | set(FORMER)


def nearest(asked: str) -> tuple[str, str] | None:
    """The page, and its title, whose name or title is nearest to what is no page's; None where none is near."""
    titles = {**FORMER, **{name: title for name, title, _ in TABLE}}
    words = {name: name for name in titles} | {title.lower(): name for name, title in titles.items()}
    near = get_close_matches(asked.lower().strip("/").partition("/")[0], words, 1, 0.5)
    return (words[near[0]], titles[words[near[0]]]) if near else None


def exists(name: str) -> bool:
    """Whether there is a page of this name."""
    return _file(name).exists()


def fresh(name: str, label: str, **keep: str) -> None:
    """A link that brings a page to its start: it is loaded anew, in a session that remembers nothing but `keep`."""
    address = markup(f"/{'' if name == 'home' else name}" + (f"?{urlencode(keep)}" if keep else ""))
    st.html(
        f'<a class="unfold-fresh" href="{address}" target="_self">{markup(label)}</a>',
        width="content",
    )


def link(name: str, label: str, icon: str | None = None, **params: object) -> None:
    """A link to another page of the app; `params` become its query parameters."""
    if exists(name):
        query = {key: str(value) for key, value in params.items()}
        st.page_link(str(_file(name)), label=label, icon=icon and f":material/{icon}:", query_params=query or None)


def go(name: str, **params: object) -> None:
    """From the callback of a click: the next run of the script opens this page instead."""
    st.session_state["_go"] = name, params


def going() -> None:
    """Open the page that a click has asked for; the frame calls this before any page runs."""
    if "_go" in st.session_state:
        name, params = st.session_state.pop("_go")
        forward(name, **params)


def forward(name: str, **params: object) -> NoReturn:
    """Leave this page for another."""
    st.switch_page(str(_file(name)), query_params={key: str(value) for key, value in params.items()})
