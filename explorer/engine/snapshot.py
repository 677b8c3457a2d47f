"""All that has not ended, in one snapshot: who is worked on, who waits, in which order and for how long.

In a class thirty pages ask every second; they share one snapshot, which is half a second old at most.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock

from explorer import runs
from explorer.engine import eta, fair_queue
from explorer.engine.resources import capacity, occupied
from explorer.runs import Run, Spec

FRESH = 0.5  # seconds
_last: dict[Path, "QueueSnapshot"] = {}  # by folder of runs
_taking = Lock()


@dataclass(frozen=True)
class QueueSnapshot:
    """What there was at one moment."""

    runs: tuple[Run, ...]  # oldest first
    states: tuple[tuple[str, str], ...]  # their ids and states
    held: frozenset[str]  # the ids of those that a process works on
    line: tuple[Run, ...]  # those that wait, as they will be started
    at: float = field(default_factory=time.monotonic)

    def busy(self, run: Run) -> bool:
        """Whether another run is worked on in the same pool."""
        return any(other.id != run.id for other in self._under_way[run.spec.pool])

    def waiting(self, pool: str) -> list[Run]:
        """Those that wait in a pool, next first."""
        return self._waiting[pool]

    def free(self, spec: Spec) -> bool:
        """Whether a run that is submitted now is started at once; one that needs more than there is waits for none."""
        taken = sum(occupied(run.spec) for run in self._under_way[spec.pool])
        slots = capacity(spec.pool)
        return not self._waiting[spec.pool] and taken + min(occupied(spec), slots) <= slots

    def position(self, run: Run) -> int:
        """A run's place among those that wait for the same, 1 = next; 0 if it does not wait."""
        return self._positions.get(run.id, 0)

    def wait_seconds(self, run: Run) -> float | None:
        """How long until a run that waits is started, as far as earlier runs tell."""
        return self._starts.get(run.id)

    @cached_property
    def _under_way(self) -> dict[str, list[Run]]:
        return _by_pool(run for run in self.runs if run.id in self.held)

    @cached_property
    def _waiting(self) -> dict[str, list[Run]]:
        return _by_pool(self.line)

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {run.id: n for line in self._waiting.values() for n, run in enumerate(line, 1)}

    @cached_property
    def _starts(self) -> dict[str, float | None]:
        starts: dict[str, float | None] = {}
        for pool, line in self._waiting.items():
            starts |= eta.starts(line, self._under_way[pool])
        return starts


def _by_pool(some: Iterable[Run]) -> dict[str, list[Run]]:
    pools: defaultdict[str, list[Run]] = defaultdict(list)
    for run in some:
        pools[run.spec.pool].append(run)
    return pools


def take_snapshot() -> QueueSnapshot:
    """What there is now."""
    unfinished = runs.unfinished()
    held = frozenset(run.id for run in unfinished if run.held())
    states = tuple((run.id, run.status.state) for run in unfinished)
    idle = [run for run, (id, state) in zip(unfinished, states, strict=True) if state != "running" and id not in held]
    return QueueSnapshot(
        tuple(unfinished), states, held, tuple(fair_queue.ordered(idle, fair_queue.start_tags(unfinished)))
    )


def invalidate_snapshot() -> None:
    """The next one who asks takes a new one: something has just been changed here."""
    with _taking:
        _last.clear()


def recent_snapshot() -> QueueSnapshot:
    """What there was half a second ago at most; of those who ask at once, one takes it and the others wait."""
    folder = runs.root()
    with _taking:
        snapshot = _last.get(folder)
        if snapshot is None or time.monotonic() - snapshot.at > FRESH:
            _last.clear()
            snapshot = _last[folder] = take_snapshot()
        return snapshot
