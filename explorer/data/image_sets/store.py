"""Where imported pictures are kept: a folder of their name in the folder of runs, written whole.

`set.json` says what it is; `NAME/<split>/<class>/<hash of the pixels>.png` (or `.jpg`) are the pictures. A set that is
being written has no name yet and a lock that ends with its writer, so that whatever was killed is swept away.
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from explorer import reading
from explorer.data import quota
from explorer.data.dataset import LeftOut
from explorer.data.names import legible
from explorer.data.places import writing
from explorer.data.vectors.store import NAMED, Taken
from explorer.errors import Refused
from explorer.system import disk, settings
from explorer.system.folders import pictures_root

META, LOCK, OWNER, FORMAT = "set.json", "lock", "owner", 1
WAYS_OUT = "delete a set of yours, or bring fewer pictures", "delete a set, or bring fewer pictures"
SPARE = 200_000_000  # bytes of the disk that imports leave free
WAIT = 30.0  # seconds for another import that gives its set a name


class ImageSet(NamedTuple):
    """A set of imported pictures, as its folder says."""

    name: str
    title: str
    counts: Mapping[str, int]  # pictures of each class
    bytes: int
    owner: str  # the person who has imported it; "" = the command line
    shared: bool  # whether others see it
    created: str
    source: str
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def pictures(self) -> int:
        """How many there are."""
        return sum(self.counts.values())


def listing() -> dict[str, ImageSet]:
    """All sets by name; what cannot be read is passed over."""
    root = pictures_root()
    folders = sorted(root.iterdir()) if root.is_dir() else []
    found = (find(folder.name) for folder in folders if NAMED.fullmatch(folder.name))
    return {it.name: it for it in found if it}


def find(name: str) -> ImageSet | None:
    """The set of that name, if there is one."""
    if not NAMED.fullmatch(name):
        return None
    try:
        fields = reading.fields(pictures_root() / name / META)
        if fields.pop("format") != FORMAT:
            return None
        left_out = tuple(LeftOut(*pair) for pair in fields["left_out"])
        return ImageSet(**{**fields, "notes": tuple(fields["notes"]), "left_out": left_out})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tree(name: str) -> Path:
    """The folder of a set's splits and classes."""
    return pictures_root() / name / name


@contextmanager
def draft(owner: str = "") -> Iterator[Path]:
    """A folder to write pictures into; `publish` gives it a name, and without one nothing is left of it.

    Raises `Refused` while another import of this owner is running.
    """
    with writing(pictures_root(), "EXPLORER_RUNS"), ExitStack() as stack:
        pictures_root().mkdir(parents=True, exist_ok=True)
        with disk.hold(pictures_root() / ".publishing", WAIT, "the list of imported pictures"):
            _sweep()
            if owner and any(_owner(it) == owner for it in _drafts()):
                raise Refused("another import of yours is running: wait until it has ended")
            new = pictures_root() / f".new-{secrets.token_hex(8)}"
            stack.callback(shutil.rmtree, new, ignore_errors=True)
            new.mkdir()
            stack.enter_context(disk.hold(new / LOCK))
            (new / OWNER).write_text(owner, "utf-8")
        yield new


def publish(new: Path, about: ImageSet) -> ImageSet:
    """Give a draft its name, at once and whole, and return what is kept of it.

    Raises `Taken` for a name that is another's, `Refused` without room.
    """
    with disk.hold(pictures_root() / ".publishing", WAIT, "the list of imported pictures"):
        about = _legible(about)
        check_quota(about.owner, about.bytes)
        inner = new / about.name
        (new / "pictures").rename(inner)
        disk.put(new / META, _packed(about))
        try:
            new.rename(pictures_root() / about.name)
        except OSError as error:
            inner.rename(new / "pictures")
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                raise taken(about.name) from None
            raise
        (pictures_root() / about.name / OWNER).unlink(missing_ok=True)
        disk.sync(pictures_root())
    return about


def change(name: str, **fields: object) -> ImageSet:
    """Change what is said of a set: its title, whether it is shared; raises `Refused` where it is gone."""
    about = find(name)
    if about is None:
        raise Refused(f"there are no imported pictures '{name}' any more: choose another set")
    about = _legible(about._replace(**fields))
    with writing(pictures_root(), "EXPLORER_RUNS"):
        disk.replace(pictures_root() / name / META, _packed(about))
    return about


def remove(name: str) -> None:
    """Remove a set, if there is one: gone at once, also where its files take a while."""
    if NAMED.fullmatch(name) and (folder := pictures_root() / name).exists():
        gone = folder.rename(pictures_root() / f".gone-{secrets.token_hex(8)}")
        shutil.rmtree(gone, ignore_errors=True)


def taken(name: str) -> Taken:
    """The error that there is a set of this name."""
    return Taken(f"there are imported pictures '{name}' already: give another name")


def check_quota(owner: str, more: int) -> None:
    """Raises `Refused` where so many bytes more are too many: for one browser, or for all together."""
    kept = ((it.owner, it.bytes) for it in listing().values())
    quota.check(owner, more, kept, "these pictures take", "sets", WAYS_OUT)


def room(owner: str) -> int:
    """How many bytes are free for pictures of this owner: beside those of all imports that are running, on the disk."""
    sets = listing().values()
    total = settings.megabytes("UPLOAD_TOTAL") - sum(it.bytes for it in sets) - sum(map(_size, _drafts()))
    total = min(total, shutil.disk_usage(_existing(pictures_root())).free - SPARE)
    own = settings.megabytes("UPLOAD_BROWSER") - sum(it.bytes for it in sets if it.owner == owner)
    return max(0, min(total, own) if owner else total)


def _drafts() -> list[Path]:
    return list(pictures_root().glob(".new-*"))


def _owner(draft: Path) -> str:
    try:
        return (draft / OWNER).read_text("utf-8")
    except (OSError, ValueError):  # it has just ended
        return ""


def _size(draft: Path) -> int:
    """The bytes that a draft has by now; a file that is gone meanwhile has none."""
    size = 0
    for folder, _, names in os.walk(draft):
        for name in names:
            with suppress(OSError):
                size += os.stat(f"{folder}/{name}").st_size  # noqa: PTH116 - a path of text, since there may be many
    return size


def _existing(folder: Path) -> Path:
    return next(it for it in (folder, *folder.parents) if it.exists())


def created() -> str:
    """Now, as it is written down: fine enough to tell a set from a later one that has its name."""
    return datetime.now().astimezone().isoformat(timespec="microseconds")


def _legible(about: ImageSet) -> ImageSet:
    """What is said of a set, as it can be written and shown: names of files may hold bytes that are no letters."""
    left_out = tuple(LeftOut(legible(out.path), legible(out.why)) for out in about.left_out)
    notes = tuple(map(legible, about.notes))
    return about._replace(title=legible(about.title), source=legible(about.source), notes=notes, left_out=left_out)


def _packed(about: ImageSet) -> bytes:
    return json.dumps({"format": FORMAT, **about._asdict()}, ensure_ascii=False, indent=1).encode()


def _sweep() -> None:
    """Remove what killed processes left: a draft whose lock nobody holds, a set that was being removed."""
    for left in pictures_root().glob(".gone-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in pictures_root().glob(".new-*"):
        with suppress(OSError, Refused):
            if os.path.lexists(left / LOCK):
                with disk.hold(left / LOCK):
                    shutil.rmtree(left, ignore_errors=True)
