"""A job is a folder: made, found, listed, renamed and deleted here.

Runs of one's own lie under `root()`, those that come with the project under `SHIPPED`.
"""

import hashlib
import json
import os
import platform
import re
import secrets
import shutil
from contextlib import ExitStack, suppress
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from explorer import Refused, choose
from explorer.runs import files, heirs
from explorer.runs.folder import Run
from explorer.runs.locks import Busy
from explorer.runs.records import FINAL, Spec, Status, checked_title

__all__ = [
    "FINAL",
    "SHIPPED",
    "Busy",
    "Run",
    "Spec",
    "Status",
    "address",
    "checked_id",
    "create",
    "delete",
    "get",
    "listing",
    "rename",
    "root",
    "unfinished",
]

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = REPOSITORY / "checkpoints" / "shipped"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")  # no separator and no leading dot: never leaves its folder
NAMED = 8  # runs that an error message names


def root() -> Path:
    """The folder of runs: EXPLORER_RUNS, or `checkpoints/runs` beside the source."""
    return Path(os.environ.get("EXPLORER_RUNS") or REPOSITORY / "checkpoints" / "runs").expanduser().absolute()


def create(spec: Spec, id: str | None = None, keep: ExitStack | None = None) -> Run:
    """Makes the folder of a new job, in state queued; with `keep` its lock is held from before anybody can see it.

    A job other than training that was asked for before is returned as it is, or made anew if it failed or was stopped.
    """
    title = checked_title(spec.title)
    made = {"title": title, "created": datetime.now().astimezone().isoformat(timespec="microseconds")}
    spec = spec.model_copy(update={**made, "versions": spec.versions or versions()})
    place = root() / checked_id(id or address(spec))
    if id is None and _is_run(SHIPPED / place.name):
        return Run(SHIPPED / place.name, shipped=True)
    if place.exists():
        if id or spec.kind == "train":
            raise Refused(f"there is a run '{place.name}' already; choose another id")
        if Run(place).status.state not in ("failed", "stopped") and Run(place).sound():
            return Run(place)
        _discard(Run(place))
    parent = get(spec.parent) if spec.parent and spec.relation == "continue" else None
    return _build(spec, place, parent, keep)


def _build(spec: Spec, place: Path, parent: Run | None, keep: ExitStack | None) -> Run:
    """The folder appears whole or not at all; if another process makes the same one first, that one counts."""
    run = Run(place.with_name(f".new-{secrets.token_hex(8)}"))
    try:
        run.folder.mkdir(parents=True)
        files.reserve(run.folder / "reserve")
        run.write_json("spec.json", spec.model_dump())
        caveat = heirs.inherit(parent, run) if parent else ""
        run.write_json("status.json", Status(caveat=caveat).model_dump())
        if keep:
            keep.enter_context(run.lock())
        run.folder.rename(place)
        files.sync(place.parent)
    except OSError as error:
        if files.is_full(error):
            raise Refused("the disk that holds the runs is full: free some space, then ask again") from None
        if not place.is_dir():
            raise
    finally:
        shutil.rmtree(run.folder, ignore_errors=True)
    return Run(place)


def address(spec: Spec) -> str:
    """The folder's name: a train run has one of its own; any other job is named after what it shall do."""
    if spec.kind == "train":
        names = "-".join(re.sub(r"[^a-z0-9_.]+", "_", str(name).lower()) for name in (spec.method, spec.dataset))
        return f"{names[:80]}-{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    content = spec.model_dump(mode="json", exclude={"title", "user", "relation", "group", "created", "versions"})
    return f"{spec.kind}-{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]}"


@cache
def versions() -> dict[str, str]:
    """Versions of what decides the numbers, found without importing it."""
    found = {"python": platform.python_version()}
    for package in ("torch", "torchvision", "numpy", "scikit-learn"):
        with suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def get(id: str) -> Run:
    """The run of that id, one's own or shipped; raises `Refused` with choices."""
    if ID.fullmatch(id):
        for folder, shipped in ((root(), False), (SHIPPED, True)):
            if _is_run(folder / id):
                return Run(folder / id, shipped)
    ids = [run.id for run in listing(kind=None)]
    near = get_close_matches(id, ids, 3)
    choices = dict.fromkeys([*near, *ids[:NAMED]])
    return choose("run", id, {name: Run(root() / name) for name in choices})


def listing(kind: str | None = "train", shipped: bool = True) -> list[Run]:
    """The runs of a kind (None: of every kind), newest first, shipped ones last."""
    places = [(root(), False), (SHIPPED, True)] if shipped else [(root(), False)]
    return [run for folder, is_shipped in places for run in _newest_first(folder, kind, is_shipped)]


def _newest_first(folder: Path, kind: str | None, shipped: bool) -> list[Run]:
    if not folder.is_dir():
        return []
    runs = [Run(path, shipped) for path in folder.iterdir() if ID.fullmatch(path.name) and _is_run(path)]
    chosen = [run for run in runs if kind in (None, run.spec.kind)]
    return sorted(chosen, key=lambda run: (run.created, run.id), reverse=True)


def _is_run(folder: Path) -> bool:
    return (folder / "spec.json").exists() or (folder / "status.json").exists()


def unfinished() -> list[Run]:
    """The runs that have not ended, oldest first."""
    return [run for run in reversed(listing(kind=None, shipped=False)) if not run.status.final]


def rename(id: str, title: str) -> None:
    """Gives a run another title."""
    title, run = checked_title(title), get(id)
    if run.shipped:
        raise Refused(f"'{id}' is a shipped model and keeps its title; rename a run of your own")
    with run.writing("title.txt") as path:
        path.write_text(title, encoding="utf-8")


def delete(id: str) -> None:
    """Removes a run and all that came out of it; raises `Refused` while it is running and for shipped models."""
    run = get(id)
    if run.shipped:
        raise Refused(f"'{id}' is a shipped model and cannot be deleted; delete a run of your own")
    try:
        _discard(run)
    except Busy:
        raise Busy(f"'{id}' is running; stop it, then delete it") from None
    for job in listing(kind=None, shipped=False):  # its maps, transfers and scores
        if job.spec.model and job.spec.model.partition("@")[0] == id:
            with suppress(Busy):
                _discard(job)


def _discard(run: Run) -> None:
    with run.lock(wait=0.0 if run.status.state == "running" else 1.0):
        gone = run.folder.rename(run.folder.with_name(f".gone-{secrets.token_hex(8)}"))
    shutil.rmtree(gone)


def checked_id(id: str) -> str:
    """The id; raises `Refused` unless it is the name of a folder and leads nowhere else."""
    if not ID.fullmatch(id):
        raise Refused(
            f"not an id: '{id[:128]}'; an id has 1-128 letters, digits, '-', '_', '.', and starts with a letter"
        )
    return id
