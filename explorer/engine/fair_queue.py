"""Who comes next: start-time fair queueing by user (Goyal, Vin and Cheng 1996), so that a burst of one holds up nobody.

A run is given its start tag once, when it is brought to the engine: one after the last tag of its user, but never
before the present, which is the greatest tag that has been started, or the least that waits in the gap between two
runs. Who comes into a full queue is served after everyone's present run, not after everyone's queue; runs of equal tag
go by age. Each pool counts for itself.
"""

from collections.abc import Iterable

from explorer.runs import Run

AGE = 10**13  # more milliseconds than there are since 1970


def start_tags(unfinished: Iterable[Run]) -> dict[str, float]:
    """The start tag of every unfinished run; those that have none yet get the one that they will be given."""
    tags, new, last, now, least = {}, [], {}, {}, {}
    for run in unfinished:
        status, pool = run.status, run.spec.pool
        if status.start_tag is None:
            new.append(run)
            continue
        tags[run.id] = status.start_tag
        last[pool, run.spec.user] = max(status.start_tag, last.get((pool, run.spec.user), 0.0))
        least[pool] = min(status.start_tag, least.get(pool, status.start_tag))
        if status.started is not None:
            now[pool] = max(status.start_tag, now.get(pool, 0.0))
    for run in sorted(new, key=lambda run: (run.created, run.id)):
        mine = run.spec.pool, run.spec.user
        tags[run.id] = last[mine] = max((least | now).get(mine[0], 0.0), last.get(mine, -1.0) + 1)
    return tags


def ordered(waiting: Iterable[Run], tags: dict[str, float]) -> list[Run]:
    """The runs as they will be started."""
    return sorted(waiting, key=lambda run: (tags[run.id], run.created, run.id))


def priority(run: Run, tag: float) -> int:
    """The same order as one number for Dask, where the greatest goes first."""
    return -(round(tag) * AGE + round(run.created * 1000))
