"""What an address asks for and a page cannot show: one sentence says what was ignored, and what is shown instead."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import streamlit as st

MOST = 40  # characters of a value that are repeated


class Note(NamedTuple):
    """What was ignored; it stands until something else is chosen under one of its keys, or asked for."""

    text: str  # a part of the common sentence, or a sentence of its own
    whole: bool
    keys: tuple[str, ...]
    left: tuple[Any, ...] | None = None  # the values of widget and address under the keys once the page stood


def arrive(moved: bool) -> None:
    """Keep what the address asks for now that was not there when the page was left standing."""
    if moved:
        st.session_state.update(_ignored={}, _wanted={}, _address={})
    left, wanted = st.session_state["_address"], st.session_state["_wanted"]  # by a visit that was cut short
    new = {key: values for key, values in _address().items() if left.get(key) != values}
    st.session_state["_wanted"] = wanted | new


def untouched() -> bool:
    """Whether the address reads as it did when the page was left standing."""
    return _address() == st.session_state.get("_address")


def note(key: str, value: str, instead: str = "", sentence: str = "", until: tuple[str, ...] = ()) -> None:
    """What the address says under `key` is ignored: `instead` is shown, or a `sentence` of its own says more.

    It stands until something else is chosen there, or under one of the keys `until`.
    """
    handled(key)
    text = sentence or f"{key}={value[:MOST]}" + (f" (shown instead: {instead})" if instead else "")
    _notes()[key] = Note(text, bool(sentence), until or (key,))


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
    now = {key: it._replace(left=_state(it)) for key, it in _notes().items() if it.left in (None, _state(it))}
    st.session_state.update(_ignored=now, _wanted={}, _address=_address())
    parts = ", ".join(it.text for it in now.values() if not it.whole)
    common = [f"Some of this address could not be used: {parts}."] if parts else []
    return " ".join([*common, *(it.text for it in now.values() if it.whole)])


def _notes() -> dict[str, Note]:
    return st.session_state.setdefault("_ignored", {})


def _address() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _state(of: Note) -> tuple[Any, ...]:
    return tuple((st.session_state.get(key), st.query_params.get(key)) for key in of.keys)


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
        except ValueError:
            return False
    return word.lower() == _spelled(value).lower()


def _spelled(value: Any) -> str:
    """A widget's value as an address spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "all"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
