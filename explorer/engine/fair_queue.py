"""Who comes next: start-time fair queueing by user (Goyal, Vin and Cheng 1996), so that a burst of one holds up nobody.

A run is given its turn once, when it is brought to the engine: one after the last turn of its user, but never before
the present, which is the greatest turn that has been started, or the least that waits in the gap between two runs. Who
comes into a full queue is served after everyone's present run, not after everyone's queue; runs of equal turn go by
age. The slots and the desk each count for themselves.
"""

from collections.abc import Iterable

from explorer.engine.resources import pool
from explorer.runs import Run

AGE = 10**13  # more milliseconds than there are since 1970


def start_tags(unfinished: Iterable[Run]) -> dict[str, float]:
    """The turn of every unfinished run; those that have none yet get the one that they will be given."""
    turns, new, last, now, least = {}, [], {}, {}, {}
    for run in unfinished:
        status, lane = run.status, pool(run)
        if status.start_tag is None:
            new.append(run)
            continue
        turns[run.id] = status.start_tag
        last[lane, run.spec.user] = max(status.start_tag, last.get((lane, run.spec.user), 0.0))
        least[lane] = min(status.start_tag, least.get(lane, status.start_tag))
        if status.started is not None:
            now[lane] = max(status.start_tag, now.get(lane, 0.0))
    for run in sorted(new, key=lambda run: (run.created, run.id)):
        mine = pool(run), run.spec.user
        turns[run.id] = last[mine] = max((least | now).get(mine[0], 0.0), last.get(mine, -1.0) + 1)
    return turns


def ordered(waiting: Iterable[Run], turns: dict[str, float]) -> list[Run]:
    """The runs as they will be started."""
    return sorted(waiting, key=lambda run: (turns[run.id], run.created, run.id))


def priority(run: Run, turn: float) -> int:
    """The same order as one number for Dask, where the greatest goes first."""
    return -(round(turn) * AGE + round(run.created * 1000))
