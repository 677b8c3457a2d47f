"""What an address asks for and a page cannot show: one sentence says what was ignored, and what is shown instead."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

from pages.ui.kit import url_parameters

MOST = 40  # characters of a value that are repeated
NAMED = 8  # parameters that are named; of more the number is said


class Note(NamedTuple):
    """What was ignored; it stands until something else is chosen under one of its keys, or asked for."""

    text: str  # a part of the common sentence, or a sentence of its own
    whole: bool  # a sentence of its own
    keys: tuple[str, ...]
    complete: bool = True  # else it is said in the end what is shown instead
    left: tuple[Any, ...] | None = None  # the values of widget and address under the keys once the page stood


def arrive(page: str, moved: bool) -> None:
    """Keep what the address asks for now that was not there when the page was left standing.

    What a page can do nothing with is taken out of the address, and named.
    """
    if moved:
        st.session_state.update(_ignored={}, _wanted={}, _address={})
    st.session_state["_place"] = page or "home"
    refused = url_parameters.take_out(st.session_state["_place"])
    left, wanted = st.session_state["_address"], st.session_state["_wanted"]  # by a visit that was cut short
    new = {key: values for key, values in url_parameters.address().items() if left.get(key) != values}
    st.session_state["_wanted"] = wanted | new
    for key, values in refused.items():
        note(key, values[-1] if values else "")


def untouched() -> bool:
    """Whether the address reads as it did when the page was left standing."""
    return url_parameters.address() == st.session_state.get("_address")


def note(key: str, value: str, instead: str = "", sentence: str = "", until: tuple[str, ...] = ()) -> None:
    """What the address says under `key` is ignored: `instead` is shown, or a `sentence` of its own says more.

    It stands until something else is chosen there, or under one of the keys `until`.
    """
    handled(key)
    text = sentence or _short(key) + "=" + _short(value) + (f" (shown instead: {instead})" if instead else "")
    _notes()[key] = Note(text, bool(sentence), until or (key,), bool(sentence or instead))


def _short(text: str) -> str:
    """So much of what an address says as is repeated, in one line."""
    text = "".join(each if each.isprintable() else " " for each in text[: MOST + 1])
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def handled(key: str) -> None:
    """What the address says under `key` needs no more checking: no widget of that key need have this value."""
    st.session_state.get("_wanted", {}).pop(key, None)


def option_labels(key: str, labels: Mapping[Any, str]) -> None:
    """A widget of several options stands in the address by their `labels`."""
    st.session_state.setdefault("_labels", {})[key] = labels


def leave() -> str:
    """The page stands: what of the address it has not shown, in a sentence; remembers how the address reads by now."""
    for key, wanted in list(st.session_state.get("_wanted", {}).items()):
        value = _shown(key)
        if key in st.session_state and not _agrees(wanted, value):
            note(key, ", ".join(wanted), _spelled(value))
        elif key not in st.session_state and not url_parameters.known(st.session_state.get("_place", ""), key):
            _notes()[key] = Note(f"{_short(key)} (this page has no such choice)", False, (key,))
    now = {key: _standing(key, it) for key, it in _notes().items() if it.left in (None, _state(it))}
    st.session_state.update(_ignored=now, _wanted={}, _address=url_parameters.address())
    parts = [it.text for it in now.values() if not it.whole]
    more = [f"{len(parts) - NAMED} more"] if len(parts) > NAMED else []
    common = [f"Some of this address could not be used: {', '.join(parts[:NAMED] + more)}."] if parts else []
    return " ".join([*common, *(it.text for it in now.values() if it.whole)])


def _standing(key: str, it: Note) -> Note:
    """A note once the page stands: what its widget shows instead is known by now."""
    if not it.complete and key in st.session_state:
        it = it._replace(text=f"{it.text} (shown instead: {_spelled(_shown(key))})", complete=True)
    return it._replace(left=_state(it))


def _notes() -> dict[str, Note]:
    return st.session_state.setdefault("_ignored", {})


def _state(of: Note) -> tuple[Any, ...]:
    address = url_parameters.address()
    return tuple((st.session_state.get(key), address.get(key)) for key in of.keys)


def _shown(key: str) -> Any:
    """The value of a widget; several options by their labels."""
    value, labels = st.session_state.get(key), st.session_state.get("_labels", {}).get(key, {})
    return [labels.get(each, each) for each in value] if isinstance(value, list | tuple) else value


def _agrees(wanted: Sequence[str], value: Any) -> bool:
    """Whether a widget has the value that the address asks for."""
    if isinstance(value, list | tuple):
        return {word.lower() for word in wanted if word} == {str(each).lower() for each in value}
    word = wanted[-1] if wanted else ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(word) == float(value)
        except (ValueError, OverflowError):
            return False
    return word.lower() == _spelled(value).lower()


def _spelled(value: Any) -> str:
    """A widget's value as an address spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "all"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
