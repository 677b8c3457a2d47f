"""What an address may say: the one reader of its parameters answers with a value, or says that there is none.

Whatever a link holds, a widget that Streamlit fills from the address sees only what has passed `allowed`: the frame
takes the rest out before a page runs, and names it above the page.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import streamlit as st
from streamlit.runtime.state.session_state_proxy import get_session_state

LARGEST = 10**15  # of numbers: a browser cannot hold whole ones above 2^53
REPEATED = 1_000  # values of one parameter: a form may name many classes


class Kind(NamedTuple):
    """What the text of a parameter may look like."""

    longest: int  # characters
    pattern: str = ""  # it has to match as a whole; empty: any text
    finite: bool = True  # whether a text that is a number has to be one that can be counted with
    may_be_empty: bool = True


NAME = Kind(500, finite=False)  # of data, a class, a run …: compared with those that there are
WORDS = Kind(200, finite=False)
WHOLE = Kind(16, r"[0-9]+", may_be_empty=False)
OLD_NUMBER = Kind(16, r"[0-9,]+")  # spelled as people read it
VALUE = Kind(200)  # in a form, which knows its own limits
POINTS = Kind(6_000, r"[0-9a-z. -]*")
FLAG = Kind(20)
PLACE = Kind(100, r"([\w-]+,)?[-+0-9.e]+,[-+0-9.e]+")  # on a map, which may be named

EVERYWHERE = {"hide": NAME, "lost": WORDS}  # read by the frame
CONTEXT = {"data": NAME, "model": NAME}
PAGES: Mapping[str, Mapping[str, Kind]] = {  # by the address of a page; `FORM.` stands for the fields of a form
    "home": {},
    "lessons": {"lesson": NAME, "step": WHOLE, "view": NAME},
    "methods": {**CONTEXT, "method": NAME, "roll": WHOLE},
    "studies": {**CONTEXT, "study": NAME, "on": NAME},
    "data": {**CONTEXT, "split": NAME, "class": NAME, "roll": WHOLE, "own": FLAG},
    "views": {**CONTEXT, "method": NAME, "row": WHOLE, "seed": WHOLE, "op.": VALUE},
    "new": {**CONTEXT, "method": NAME, "from": NAME},
    "runs": {**CONTEXT, "run": NAME, "frame": WHOLE},
    "latents": {
        **CONTEXT, "a": WHOLE, "b": WHOLE, "steps": WHOLE, "order": NAME, "way": NAME, "panel": NAME, "at": PLACE,
        "brush": NAME, "density": NAME,
    },
    "embeddings": {
        **CONTEXT, "maps": NAME, "focus": NAME, "map.": VALUE, "cluster.": VALUE, "task": NAME, "task.": VALUE,
        "new": NAME, "new.n": WHOLE, "path-from": WORDS, "path-to": WORDS, "find": WORDS, "from": WORDS, "to": WORDS,
        "point": WORDS, "selection": POINTS, "colour": NAME, "images": FLAG, "trust": NAME, "frame": WHOLE,
        "place": PLACE, "points": OLD_NUMBER, "near": OLD_NUMBER, "map-seed": OLD_NUMBER,
    },
    "compare": {
        **CONTEXT, "second": NAME, "third": NAME, "fourth": NAME, "view": NAME, "pair": NAME, "maps": NAME,
        "rank": NAME, "class": NAME, "probe": NAME, "measure": NAME, "hide-same": FLAG, "compare.": VALUE,
        "point": WORDS, "selection": POINTS, "trained-on": NAME, "sort": NAME, "group": NAME, "name-contains": WORDS,
    },
    "transfer": {**CONTEXT, "target": NAME, "transfer": NAME, "transfer.": VALUE},
}  # fmt: skip
ALL = {key: kind for table in PAGES.values() for key, kind in table.items()}  # what a part of a page reads by itself
FOREIGN = re.compile(r"utm_\w+|fbclid|gclid|msclkid|mc_[ce]id|embed(_options)?")  # no visitor has put them there


def known(page: str, key: str) -> bool:
    """Whether a page has this parameter; a page that is not listed has any."""
    table = PAGES.get(page)
    return table is None or FOREIGN.fullmatch(key) is not None or _kind(table, key) is not None


def allowed(page: str, key: str, texts: Sequence[str]) -> bool:
    """Whether a page can do anything with what the address says under a key."""
    kind = _kind(PAGES.get(page, ALL), key) or VALUE
    return len(texts) <= REPEATED and all(_fits(kind, text) for text in texts)


def _kind(table: Mapping[str, Kind], key: str) -> Kind | None:
    if kind := EVERYWHERE.get(key) or table.get(key):
        return kind
    return next((kind for name, kind in table.items() if name.endswith(".") and key.startswith(name)), None)


def _fits(kind: Kind, text: str) -> bool:
    if len(text) > kind.longest or not _is_text(text):
        return False
    if not text:
        return kind.may_be_empty
    if kind.pattern and not re.fullmatch(kind.pattern, text):
        return False
    return not kind.finite or _countable(text)


def _is_text(text: str) -> bool:
    """Half a character is none; what else cannot be seen may stand in the name of a class."""
    return all(unicodedata.category(each) != "Cs" for each in text)


def _countable(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return True  # it is no number at all
    return math.isfinite(number) and abs(number) <= LARGEST


def address() -> dict[str, list[str]]:
    """All that the address says, by key."""
    return {key: st.query_params.get_all(key) for key in st.query_params}


def read(page: str, key: str, default: str = "") -> str:
    """What the address says under a key; `default` where it says nothing, or what the page can do nothing with."""
    texts = st.query_params.get_all(key)
    return texts[-1] if texts and allowed(page, key, texts) else default


def take_out(page: str) -> dict[str, list[str]]:
    """Takes out of the address what the page can do nothing with, before a widget is filled from it; returns it."""
    refused = {key: texts for key, texts in address().items() if not allowed(page, key, texts)}
    if refused:
        with get_session_state().query_params() as query:
            for key in refused:
                query._initial_query_params.pop(key, None)  # from these Streamlit fills a widget
                query.remove_param(key)
    return refused
