"""Errors that their user can mend, in one sentence."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class Refused(ValueError):
    """An error that its user can mend; the message is one sentence: what was wrong, what is allowed, what to do."""


def choose(kind: str, name: str, choices: Mapping[str, T]) -> T:
    """The choice called `name`; raises `Refused` with the nearest name and all choices."""
    if name in choices:
        return choices[name]
    near = get_close_matches(name, choices, 1)
    hint = f" did you mean '{near[0]}'?" if near else ""
    raise Refused(f"no {kind} '{name}';{hint} choose from {', '.join(choices) or 'nothing yet'}")
