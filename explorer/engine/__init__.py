"""Work outside the page, in processes that outlive it. It knows no torch, no model and no task."""

from explorer.engine.api import position, queue, reconcile, remaining_quota, request_stop, submit, wait_seconds
from explorer.engine.dask.cluster import shutdown, starting
from explorer.engine.eta import work_seconds
from explorer.engine.snapshot import recent_snapshot, take_snapshot
from explorer.system.machine import machine

__all__ = [
    "machine",
    "position",
    "queue",
    "recent_snapshot",
    "reconcile",
    "remaining_quota",
    "request_stop",
    "shutdown",
    "starting",
    "submit",
    "take_snapshot",
    "wait_seconds",
    "work_seconds",
]
