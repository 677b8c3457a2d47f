"""A job is a folder: created, looked up, listed, renamed and deleted here.

Runs of one's own lie under `root()`, those that come with the project under `SHIPPED`.
"""

import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from explorer import Refused, choose
from explorer.runs import atomic, lineage, metrics
from explorer.runs.locks import Busy
from explorer.runs.records import SPELLED_BEFORE, Spec, Status, check_format, checked_title
from explorer.runs.run import Run

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = REPOSITORY / "checkpoints" / "shipped"
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")  # no separator and no leading dot: never leaves its folder
NAMED = 8  # runs that an error message names
_ended: dict[str, tuple[tuple[int, ...] | None, ...]] = {}  # the files of runs that have ended, by folder
LEFT = 3600.0  # seconds after which what has no name yet, or none any more, was left behind by a killed process


def root() -> Path:
    """The folder of runs: EXPLORER_RUNS, or `checkpoints/runs` beside the source."""
    return Path(os.environ.get("EXPLORER_RUNS") or REPOSITORY / "checkpoints" / "runs").expanduser().absolute()


def create(spec: Spec, id: str | None = None, keep: ExitStack | None = None) -> Run:
    """Makes the folder of a new job, in state queued; with `keep` its lock is held from before anybody can see it.

    A job other than training that was asked for before is returned as it is, or created anew if failed or stopped.
    """
    mine = bool(id) or spec.kind == "train"  # nobody else's run will do
    title = checked_title(spec.title)
    names = {"title": title, "created": datetime.now().astimezone().isoformat(timespec="microseconds")}
    spec = spec.model_copy(update={**names, "versions": spec.versions or versions()})
    place = root() / checked_id(id or address(spec))
    if id is None and _is_run(SHIPPED / place.name):
        return Run(SHIPPED / place.name, shipped=True)
    if place.exists():
        if mine:
            raise _taken(place)
        check_format(place)
        if not _worthless(Run(place)):
            return Run(place)
        with suppress(FileNotFoundError):  # somebody else was faster
            _discard(Run(place), only_if=_worthless)
    parent = get(spec.parent) if spec.parent and spec.relation == "continue" else None
    if not _build(spec, place, parent, keep) and mine:
        raise _taken(place)
    return Run(place)


def _taken(place: Path) -> Refused:
    return Refused(f"there is a run '{place.name}' already; choose another id")


def _worthless(run: Run) -> bool:
    return run.status.state in ("failed", "stopped") or not run.sound()


def _make(folder: Path) -> None:
    """Makes a run's folder; raises `Refused` where nobody may write; of a full disk others speak."""
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        if atomic.is_full(error):
            raise
        where = f"the folder of runs, {folder.parent}, cannot be written ({error.strerror})"
        raise Refused(f"{where}: let this program write there, or name another one in EXPLORER_RUNS") from None


@contextmanager
def _hidden(place: Path) -> Iterator[Run]:
    """A run in the making beside its place, to be renamed; what is left of it goes.

    That another process has made one of this name meanwhile is no error. Raises `Refused` where the disk is full.
    """
    run = Run(place.with_name(f".new-{secrets.token_hex(8)}"))
    try:
        yield run
    except OSError as error:
        if atomic.is_full(error):
            raise Refused("the disk that holds the runs is full: free some space, then ask again") from None
        if not place.is_dir():
            raise
    finally:
        metrics.forget(run.folder)
        shutil.rmtree(run.folder, ignore_errors=True)


def _build(spec: Spec, place: Path, parent: Run | None, keep: ExitStack | None) -> bool:
    """The folder appears whole or not at all; False if another process made one of that name first."""
    with _hidden(place) as run:
        _make(run.folder)
        atomic.reserve(run.folder / "reserve")
        run.write_json("spec.json", spec.model_dump())
        caveat = lineage.inherit(parent, run) if parent else ""
        run.write_json("status.json", Status(caveat=caveat).model_dump())
        if keep:
            keep.enter_context(run.lock())
        run.folder.rename(place)
        atomic.sync(place.parent)
        return True
    return False


def adopt(id: str, write: Callable[[Run], None]) -> Run:
    """A run that `write` fills, which appears whole or not at all; the one that another process made meanwhile."""
    place = root() / checked_id(id)
    with _hidden(place) as run:
        run.folder.mkdir(parents=True)
        write(run)
        if not place.exists():  # an empty folder would be replaced
            run.folder.rename(place)
        atomic.sync(place.parent)
    return Run(place)


def address(spec: Spec) -> str:
    """The folder's name: a train run has one of its own; any other job is named after what it shall do."""
    if spec.kind == "train":
        names = "-".join(re.sub(r"[^a-z0-9_.]+", "_", str(name).lower()) for name in (spec.method, spec.dataset))
        return f"{names[:80]}-{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
    return f"{spec.kind}-{hashlib.sha256(json.dumps(identity(spec), sort_keys=True).encode()).hexdigest()[:16]}"


def identity(spec: Spec) -> dict[str, Any]:
    """What identifies a result, under the names of the first format, so that older results keep their address."""
    same = {name: getattr(spec, name) for name in ("kind", "dataset", "method", "train", "params", "seed", "parent")}
    several = {"models": spec.models} if len(spec.models) > 1 else {}
    kind, colon, argument = (spec.model or "").partition(":")
    model = f"{SPELLED_BEFORE.get(kind, kind)}{colon}{argument}" if spec.model else None
    return {**same, "model": model, "knobs": spec.hyperparameters, **several}


@cache
def versions() -> dict[str, str]:
    """Versions of what decides the numbers, read without importing it."""
    numbers = {"python": platform.python_version()}
    for package in ("torch", "torchvision", "numpy", "scikit-learn"):
        with suppress(PackageNotFoundError):
            numbers[package] = version(package)
    return numbers


def get(id: str) -> Run:
    """The run of that id, one's own or shipped; raises `Refused` with choices."""
    if run := find(id):
        return run
    near = get_close_matches(id, [run.id for run in listing(kind=None)], 3)
    choices = dict.fromkeys([*near, *(run.id for run in listing()[:NAMED])])
    return choose("run", id, {name: Run(root() / name) for name in choices})


def find(id: str) -> Run | None:
    """The run of that id, one's own or shipped, if there is one; costs nothing."""
    places = ((root() / id, False), (SHIPPED / id, True)) if ID.fullmatch(id) else ()
    return next((Run(place, shipped) for place, shipped in places if _is_run(place)), None)


def listing(kind: str | None = "train", shipped: bool = True) -> list[Run]:
    """The runs of a kind (None: of every kind), newest first, shipped ones last."""
    places = [(root(), False), (SHIPPED, True)] if shipped else [(root(), False)]
    return [run for folder, is_shipped in places for run in _newest_first(folder, kind, is_shipped)]


def _newest_first(folder: Path, kind: str | None, shipped: bool) -> list[Run]:
    chosen = (run for run in _all(folder, shipped) if kind is None or kind == run.spec.kind)
    return sorted(chosen, key=_age, reverse=True)


def _age(run: Run) -> tuple[float, str]:
    return run.created, run.id


def _all(folder: Path, shipped: bool = False) -> list[Run]:
    if not folder.is_dir():
        return []
    return [Run(path, shipped) for path in folder.iterdir() if ID.fullmatch(path.name) and _is_run(path)]


def _is_run(folder: Path) -> bool:
    return (folder / "spec.json").exists() or (folder / "status.json").exists()


def unfinished() -> list[Run]:
    """The runs that have not ended, oldest first; one that has is not read again as long as its files are the same."""
    folder, unfinished_runs = str(root()), []
    for name in filter(ID.fullmatch, os.listdir(folder) if os.path.isdir(folder) else ()):  # noqa: PTH112, PTH208
        place = f"{folder}/{name}"
        state = tuple(map(file_identity, (f"{place}/spec.json", f"{place}/status.json")))
        if any(state) and state != _ended.get(place):
            run = Run(Path(place))
            if run.status.final:
                _ended[place] = state
            else:
                unfinished_runs.append(run)
    return sorted(unfinished_runs, key=_age)


def file_identity(path: str) -> tuple[int, ...] | None:
    """What is another if the file was replaced; paths of text, because this is asked for every run every second."""
    try:
        stat = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def rename(id: str, title: str) -> None:
    """Gives a run another title."""
    title, run = checked_title(title), get(id)
    if run.shipped:
        raise Refused(f"'{id}' is a shipped model and keeps its title; rename a run of your own")
    atomic.replace(run.folder / "title.txt", title.encode())


def delete(id: str, among: Iterable[Run] | None = None) -> None:
    """Removes a run and all that came out of it; raises `Refused` while it is running and for shipped models.

    `among` are all runs that there are, for who has listed them already.
    """
    run = get(id)
    if run.shipped:
        raise Refused(f"'{id}' is a shipped model and cannot be deleted; delete a run of your own")
    try:
        _discard(run)
    except Busy:
        raise Busy(f"'{id}' is running; stop it, then delete it") from None
    for job in listing(kind=None, shipped=False) if among is None else among:  # its maps, transfers and scores
        if job.spec.looks_at(id):
            with suppress(Busy, FileNotFoundError):
                _discard(job)


def _discard(run: Run, only_if: Callable[[Run], bool] = lambda _: True) -> None:
    with run.lock(wait=0.0 if run.status.state == "running" else 1.0):
        if not only_if(run):  # by now it is another one of the same name
            return
        gone = run.folder.rename(run.folder.with_name(f".gone-{secrets.token_hex(8)}"))
    metrics.forget(run.folder)
    shutil.rmtree(gone)


def sweep() -> None:
    """Removes what killed processes left of runs that were being created or deleted."""
    for left in (*root().glob(".new-*"), *root().glob(".gone-*")):
        with suppress(OSError):  # somebody else sweeps, too
            if time.time() - left.stat().st_ctime > LEFT:  # of its last change of name or content
                shutil.rmtree(left, ignore_errors=True)


def checked_id(id: str) -> str:
    """The id; raises `Refused` unless it is the name of a folder and leads nowhere else."""
    if not ID.fullmatch(id):
        raise Refused(
            f"not an id: '{id[:128]}'; an id has 1-128 letters, digits, '-', '_', '.', and starts with a letter"
        )
    return id
