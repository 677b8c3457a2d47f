"""Work outside the page, in processes that outlive it. It knows no torch, no model and no task."""

from explorer.engine.api import position, queue, reconcile, request_stop, room, submit, wait_seconds
from explorer.engine.dask.cluster import shutdown, starting
from explorer.engine.eta import work_seconds
from explorer.engine.snapshot import glance, look
from explorer.system.machine import machine

__all__ = [
    "glance",
    "look",
    "machine",
    "position",
    "queue",
    "reconcile",
    "request_stop",
    "room",
    "shutdown",
    "starting",
    "submit",
    "wait_seconds",
    "work_seconds",
]
