"""Importing pictures: from uploads, a folder or a zip to a data set with an owner; renaming, sharing, deleting it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from explorer.data.dataset import LeftOut
from explorer.data.image_sets import archive, labels, store
from explorer.data.image_sets.intake import Intake
from explorer.data.image_sets.labels import Incoming
from explorer.data.image_sets.store import ImageSet
from explorer.data.layouts import File
from explorer.data.names import alike, visible
from explorer.data.places import Progress, quiet
from explorer.data.trees import read_regular
from explorer.errors import Refused
from explorer.system import settings
from explorer.tasks import deletion
from explorer.tasks.finished_vectors import MOST_NAMES, TITLE, checked_name, name_of

listing, find, room, NOT_NAMED = store.listing, store.find, store.room, "unlabelled"
LISTED = 1000  # files in the list of what is left out
LEAST_OF_CLASS = 3  # pictures, one for each split


class Opened(NamedTuple):
    """Files that were brought: what they are taken for, and how each is read. Nothing of them is kept yet."""

    source: str
    items: tuple[Incoming, ...]
    left_out: tuple[LeftOut, ...]
    by: str  # what says the classes; "" = nothing does
    read: Callable[[str], bytes]


def of_files(files: Mapping[str, bytes | memoryview]) -> Opened:
    """Pictures by the names that they came with, which may be paths; too large ones are left out."""
    most, left_out, kept = settings.megabytes("UPLOAD_FILE"), [], []
    for name, content in files.items():
        if not (parts := visible(name)) or ".." in parts:
            left_out.append(LeftOut(name, "a name that no picture has"))
        elif len(content) > most:
            left_out.append(LeftOut(name, f"a file of more than {most // 1_000_000} MB"))
        else:
            kept.append(File(parts, name))
    source = f"{len(files):,} files" if len(files) != 1 else next(iter(files))
    read = lambda name: bytes(files[name])  # noqa: E731 - the functions that read are given as values
    found = labels.sort(kept, read, source)
    return Opened(source, tuple(found.items), (*left_out, *found.left_out), found.by, read)


def of_zip(path: Path, stack: ExitStack, title: str = "", limited: bool = True) -> Opened:
    """Pictures in a zip, which stays open as long as `stack`; `limited`: an upload, which may have a size."""
    title, most = title or path.name, settings.megabytes("UPLOAD_FILE")
    if limited and path.stat().st_size > most:
        raise Refused(f"'{title}' is larger than {most // 1_000_000} MB: bring it in several parts")
    files, left_out, read = stack.enter_context(archive.opened(path, title))
    found = labels.sort(files, read, title)
    return Opened(title, tuple(found.items), (*left_out, *found.left_out), found.by, read)


def of_folder(path: Path) -> Opened:
    """Pictures in a folder of this machine."""
    found = sorted(it for it in path.rglob("*") if not it.is_dir())
    files = [File(parts, name) for it in found if (parts := visible(name := it.relative_to(path).as_posix()))]
    links = [file for file in files if (path / file.name).is_symlink()]
    read = lambda name: read_regular(path / name)  # noqa: E731
    sorted_ = labels.sort([file for file in files if file not in links], read, path.name)
    left_out = [LeftOut(file.name, "a link, which is not followed: copy there what it leads to") for file in links]
    return Opened(path.name, tuple(sorted_.items), (*left_out, *sorted_.left_out), sorted_.by, read)


def keep(
    found: Opened, title: str, owner: str = "", name: str = "", classes: Mapping[str, str] | None = None,
    progress: Progress = quiet,
) -> ImageSet:  # fmt: skip
    """Keep these pictures as a data set; it is there whole or not at all.

    `classes` names the class of each file, where the files do not. Raises `Refused` where fewer than two classes are
    named, the name is none or taken, or the room for pictures is used up.
    """
    if name:
        checked_name(name)
    items = _classed(found.items, classes or {})
    with store.draft(owner) as new:
        (new / "pictures").mkdir()
        taken = Intake(new / "pictures", store.room(owner), progress).take(items, found.read)
        if len(taken.counts) < 2:
            raise Refused(_too_few(found, taken.left_out, taken.counts))
        by = (f"the classes follow from {found.by}",) if found.by and not classes else ()
        notes = (*by, *taken.notes, *_small(taken.counts))
        left_out = (*found.left_out, *taken.left_out)[:LISTED]
        title = (" ".join(title.split()) or found.source)[:TITLE]
        about = ImageSet(name, title, taken.counts, taken.bytes, owner, False, store.created(), found.source, notes,
                         left_out)  # fmt: skip
        return _publish(new, about)


May = Callable[[ImageSet], bool]  # whether whoever asks may change a set


def anybody(_: ImageSet) -> bool:
    """The command line may change every set."""
    return True


def rename(name: str, title: str, created: str = "", may: May = anybody) -> ImageSet:
    """Give a set another title; its name, by which runs and addresses know it, stays."""
    title = " ".join(title.split())[:TITLE]
    if not title:
        raise Refused("a set needs a name: type at least one letter")
    checked(name, created, may)
    return store.change(name, title=title)


def share(name: str, shared: bool, created: str = "", may: May = anybody) -> ImageSet:
    """Let everybody on this machine see a set, or its owner alone."""
    checked(name, created, may)
    return store.change(name, shared=shared)


def checked(name: str, created: str, may: May) -> ImageSet:
    """The set that was meant; raises `Refused` where it is gone, has made way for another, or is somebody else's.

    `created` tells it from a later one that has its name: "" means the one that has it now.
    """
    it = store.find(name)
    if not it:
        raise Refused(f"no imported pictures '{name}'; choose from {', '.join(store.listing()) or 'nothing yet'}")
    if created and it.created != created:
        raise Refused(f"'{name}' is another set by now: load this page again, then choose the one that you mean")
    if not may(it):
        raise Refused("this set is of somebody else: only whoever has imported it may change it")
    return it


def delete(name: str, created: str = "", may: May = anybody) -> None:
    """Remove a set, and the maps, scores and other jobs about it, but no training; raises `Refused`."""
    checked(name, created, may)
    deletion.delete_jobs(name)
    store.remove(name)


def _classed(items: Sequence[Incoming], classes: Mapping[str, str]) -> list[Incoming]:
    """With their classes; names that look alike are one."""
    known: dict[str, str] = {}
    out = []
    for item in items:
        label = labels.checked(classes.get(item.name, "") or item.label or NOT_NAMED)
        out.append(item._replace(label=known.setdefault(alike(label), label)))
    if len(known) < 2:
        have = f"all pictures are of one class, '{next(iter(known.values()), NOT_NAMED)}'"
        raise Refused(f"{have}: name at least two, such as by a folder for each, or names like cat_1.png and dog_1.png")
    return out


def _publish(new: Path, about: ImageSet) -> ImageSet:
    if about.name:
        return store.publish(new, about)
    name = name_of(f"{about.title}.x")
    for i in range(1, MOST_NAMES):
        named = about._replace(name=name if i == 1 else f"{name[:55]}-{i}")
        with suppress(store.Taken):  # also by who imports at the same moment
            checked_name(named.name)
            return store.publish(new, named)
    raise Refused(f"there are too many sets called '{name}': give another name")


def _too_few(found: Opened, left_out: Sequence[LeftOut], counts: Mapping[str, int]) -> str:
    if not counts:
        first = f": the first, {left_out[0].path}, is {left_out[0].why}" if left_out else ""
        return f"no picture of '{found.source}' can be read{first}; bring PNG or JPEG files"
    only, first = next(iter(counts)), left_out[0]
    have = f"only pictures of one class, '{only}', can be read; the first other, {first.path}, is {first.why}"
    return f"{have}: bring readable ones of two classes"


def _small(counts: Mapping[str, int]) -> tuple[str, ...]:
    small = [name for name, n in counts.items() if n < LEAST_OF_CLASS]
    if not small:
        return ()
    named = ", ".join(small[:5]) + (" …" if len(small) > 5 else "")
    return (f"a class needs {LEAST_OF_CLASS} pictures to be in every split, and these have fewer: {named}",)
