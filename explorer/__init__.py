"""Unfold's backend: data -> views -> method -> fit -> run folder -> probes and maps. It knows of no interface."""

import os
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read when torch is imported: threads that spin starve each other

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
