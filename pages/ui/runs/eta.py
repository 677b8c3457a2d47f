"""How long trainings will take on this machine, as far as earlier ones tell."""

from collections.abc import Sequence
from typing import NamedTuple

from explorer import engine
from explorer.runs import Spec, Status
from pages.ui.kit import messages


class Planned(NamedTuple):
    """A training that is not submitted yet: what `engine.work_seconds` asks of a run."""

    spec: Spec
    status: Status = Status()


def of(specs: Sequence[Spec]) -> str:
    """The time of one training, or of several one after another, in words; empty while nothing is known."""
    seconds = [engine.work_seconds(Planned(spec)) for spec in specs]
    if not specs or None in seconds:
        return ""
    total = messages.roughly(sum(seconds))
    return f"about {total}" if len(specs) == 1 else f"{len(specs)} trainings, about {total} in all"
