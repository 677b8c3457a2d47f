"""A job is a folder: created, looked up, listed, renamed and deleted in `store`."""

from explorer.runs.locks import Busy
from explorer.runs.metrics import derived
from explorer.runs.records import FINAL, Spec, Status
from explorer.runs.run import Run
from explorer.runs.store import (
    ID,
    REPOSITORY,
    SHIPPED,
    address,
    checked_id,
    create,
    delete,
    find,
    get,
    listing,
    rename,
    root,
    sweep,
    unfinished,
    versions,
)

__all__ = [
    "FINAL",
    "ID",
    "REPOSITORY",
    "SHIPPED",
    "Busy",
    "Run",
    "Spec",
    "Status",
    "address",
    "checked_id",
    "create",
    "delete",
    "derived",
    "find",
    "get",
    "listing",
    "rename",
    "root",
    "sweep",
    "unfinished",
    "versions",
]
