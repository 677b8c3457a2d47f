"""All that has not ended, seen in one look: who is worked on, who waits, in which order and for how long.

In a class thirty pages ask every second; they share one look, which is half a second old at most.
"""

import time
from dataclasses import dataclass, field
from functools import cached_property

from explorer import runs
from explorer.jobs import estimate, turns
from explorer.jobs.places import place
from explorer.runs import Run

FRESH = 0.5  # seconds
_last: list["Outlook"] = []


@dataclass(frozen=True)
class Outlook:
    """What one look has seen."""

    runs: tuple[Run, ...]  # oldest first
    states: tuple[tuple[str, str], ...]  # their ids and states
    held: frozenset[str]  # the ids of those that a process works on
    line: tuple[Run, ...]  # those that wait, as they will be started
    at: float = field(default_factory=time.monotonic)

    def lane(self, run: Run) -> list[Run]:
        """Those that wait for the same place as a run."""
        return [other for other in self.line if place(other) == place(run)]

    def busy(self, run: Run) -> bool:
        """Whether another run is worked on in the same place."""
        return any(place(other) == place(run) for other in self.runs if other.id in self.held and other.id != run.id)

    def position(self, run: Run) -> int:
        """A run's place among those that wait for the same, 1 = next; 0 if it does not wait."""
        ids = [other.id for other in self.lane(run)]
        return ids.index(run.id) + 1 if run.id in ids else 0

    def wait_seconds(self, run: Run) -> float | None:
        """How long until a run that waits is started, as far as earlier runs tell."""
        return self._starts.get(run.id)

    @cached_property
    def _starts(self) -> dict[str, float | None]:
        under_way = [run for run in self.runs if run.id in self.held]
        starts: dict[str, float | None] = {}
        for kind in {place(run): None for run in self.line}:
            mine = [run for run in self.line if place(run) == kind]
            starts |= estimate.starts(mine, [run for run in under_way if place(run) == kind])
        return starts


def look() -> Outlook:
    """What there is now."""
    unfinished = runs.unfinished()
    held = frozenset(run.id for run in unfinished if run.held())
    states = tuple((run.id, run.status.state) for run in unfinished)
    idle = [run for run, (id, state) in zip(unfinished, states, strict=True) if state != "running" and id not in held]
    return Outlook(tuple(unfinished), states, held, tuple(turns.ordered(idle, turns.given(unfinished))))


def glance() -> Outlook:
    """What there was half a second ago at most."""
    if not _last or time.monotonic() - _last[0].at > FRESH:
        _last[:] = [look()]
    return _last[0]
