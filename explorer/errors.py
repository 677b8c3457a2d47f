"""Errors that their user can mend, in one sentence."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")
LONGEST, WORD = 4_000, 300  # characters of a message; of what it repeats without a space or in quotation marks
LONG = re.compile(rf"[^\s']{{{WORD},}}|(?<=')[^']{{{WORD},}}(?=')")


class Refused(ValueError):
    """An error that its user can mend; the message is one sentence: what was wrong, what is allowed, what to do.

    Of a value that is too long to be read it repeats the ends.
    """

    def __init__(self, message: object = "") -> None:
        text = LONG.sub(lambda at: f"{at[0][:60]}…{at[0][-20:]}", str(message))
        super().__init__(text if len(text) <= LONGEST else f"{text[:120]} … {text[120 - LONGEST :]}")


def choose(kind: str, name: str, choices: Mapping[str, T]) -> T:
    """The choice called `name`; raises `Refused` with the nearest name and all choices."""
    if name in choices:
        return choices[name]
    near = get_close_matches(name, choices, 1)
    hint = f" did you mean '{near[0]}'?" if near else ""
    raise Refused(f"no {kind} '{name}';{hint} choose from {', '.join(choices) or 'nothing yet'}")
